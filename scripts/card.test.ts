import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultPort } from '@slipway/config/load';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const read = (file: string) => readFileSync(path.resolve(import.meta.dirname, '..', file), 'utf8');
const [, frontMatter = ''] = /^---\n([\s\S]*?)\n---\n/.exec(read('README.md')) ?? [];
const card = parse(frontMatter);

test('the card of the Space is what the platform takes', () => {
  expect(card).toMatchObject({ sdk: 'docker', license: 'mit' });
  expect(card.title).toMatch(/\S/);
  expect(card.short_description.length).toBeLessThanOrEqual(60); // longer ones reject the push
  expect(['red', 'yellow', 'green', 'blue', 'indigo', 'purple', 'pink', 'gray']).toContain(card.colorFrom);
});

test('one port: on the card, in the image, and as the default', () => {
  expect(card.app_port).toBe(defaultPort);
  expect(read('Dockerfile')).toMatch(new RegExp(`^EXPOSE ${defaultPort}$`, 'm'));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: nginx.conf is a template of its own
  expect(read('nginx.conf')).toContain('listen ${LISTEN};');
});
