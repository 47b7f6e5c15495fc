import { expect, test } from 'vitest';
import { loadBakeConfig } from './bake.ts';
import { ConfigError } from './load.ts';

const modelsOf = (args: Record<string, string>) =>
  loadBakeConfig(args).models.map(({ task, id, revision, dtype }) => `${task}: ${id}@${revision} ${dtype}`);

test.each([
  [{}, []],
  [{ PRELOAD_MODELS: '', MODEL_REPO_NAME: '', MODEL_TASK: '' }, []],
  [{ PRELOAD_MODELS: 'none' }, []],
  [{ MODEL_REPO_NAME: 'a/b' }, ['summarize: a/b@main fp32']],
  [{ MODEL_REPO_NAME: 'a/b', PRELOAD_MODELS: 'none' }, []],
  [{ MODEL_REPO_NAME: 'a/b', MODEL_TASK: 'chat', MODEL_REVISION: 'v1', MODEL_DTYPE: 'q4' }, ['chat: a/b@v1 q4']],
  [
    { MODEL_REPO_NAME: 'a/b', MODEL_DTYPE: 'q8', PRELOAD_MODELS: 'classify-image' },
    ['summarize: a/b@main q8', 'classify-image: Xenova/vit-base-patch16-224@main q8'],
  ],
  [
    { PRELOAD_MODELS: ' chat,classify-image ' },
    ['classify-image: Xenova/vit-base-patch16-224@main q8', 'chat: HuggingFaceTB/SmolLM2-360M-Instruct@main q4'],
  ],
])('%j', (args, models) => expect(modelsOf(args as Record<string, string>)).toEqual(models));

test('the default model by name is the default model', () => {
  const [byName] = modelsOf({ MODEL_REPO_NAME: 'Xenova/distilbart-cnn-6-6' });
  expect(modelsOf({ PRELOAD_MODELS: 'summarize' })).toEqual([byName]);
  expect(byName).toMatch(/@[0-9a-f]{40} q8$/);
});

test('all are all', () => expect(modelsOf({ PRELOAD_MODELS: 'all' })).toHaveLength(4));

test('the hub is another where one is named', () => {
  expect(loadBakeConfig({}).hubEndpoint).toBe('https://huggingface.co');
  expect(loadBakeConfig({ HF_ENDPOINT: 'http://mirror.example/', HF_TOKEN: 'hf_x' })).toMatchObject({
    hubEndpoint: 'http://mirror.example',
    hubToken: 'hf_x',
  });
});

test('every bad build arg is named in one error, and no value is repeated', () => {
  const bad = { MODEL_REPO_NAME: '../x', MODEL_TASK: 'dance', PRELOAD_MODELS: 'chat,dance', HF_TOKEN: 'hf_a b' };
  expect(() => loadBakeConfig(bad)).toThrow(ConfigError);
  expect(() => loadBakeConfig(bad)).toThrow(
    /^bad build arguments: (?!.*(dance|\.\.|hf_a))MODEL_REPO_NAME must .*; MODEL_TASK must be one of summarize, .*; PRELOAD_MODELS must be none, all, or of summarize, .*; HF_TOKEN must/,
  );
});

test.each([
  [
    { MODEL_REVISION: 'abc' },
    'MODEL_REVISION would do nothing: set MODEL_REPO_NAME, or name summarize in PRELOAD_MODELS',
  ],
  [
    { MODEL_DTYPE: 'q4', MODEL_TASK: 'chat', PRELOAD_MODELS: 'summarize' },
    'MODEL_DTYPE, MODEL_TASK would do nothing: set MODEL_REPO_NAME, or name chat in PRELOAD_MODELS',
  ],
])('what would do nothing is refused: %j', (args, message) => {
  expect(() => loadBakeConfig(args)).toThrow(new ConfigError(`bad build arguments: ${message}`));
  expect(modelsOf({ ...args, PRELOAD_MODELS: 'none' })).toEqual([]);
});
