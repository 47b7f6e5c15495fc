import { expect, test } from 'vitest';
import { envSchema } from './env.ts';

/** What is said of the value; undefined where it is taken. */
const faultOf = (name: string, value: string) => envSchema.safeParse({ [name]: value }).error?.issues[0]?.message;

/** A value that is wrong for every variable that has wrong values at all. */
const nonsense = ' %/ ';

test.each(Object.keys(envSchema.shape))('a wrong %s is told in our own words', (name) => {
  const fault = faultOf(name, nonsense);
  const takesAny = ['DATA_DIR', 'LOCAL_MODEL_PATH', 'MODEL_IMAGE_DIR', 'HF_HOME', 'SPACE_ID', 'MEMORY'].includes(name);
  if (takesAny) expect(fault).toBeUndefined();
  else expect(fault).toMatch(/^must /);
});

test('what may be chosen is named', () => {
  expect(faultOf('ENGINE', 'magic')).toBe('must be one of auto, transformers, extractive');
  expect(faultOf('HF_HUB_OFFLINE', 'yes')).toBe('must be one of 0, 1');
});

test.each(['hf_a b', 'hf_a\n', ' hf_a'])('HF_TOKEN=%j is refused', (token) => {
  expect(faultOf('HF_TOKEN', token)).toBe('must have no blanks or line breaks');
});
test('a token is taken', () => expect(faultOf('HF_TOKEN', 'hf_abc')).toBeUndefined());
