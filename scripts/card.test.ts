/** The first four of the forty points: what the platform reads in this repository before anything runs. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultPort, loadConfig } from '@slipway/config/load';
import { nginxValues } from '@slipway/launcher/nginx-template';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { cardSchema } from './card-schema.ts';
import { refusedFiles } from './space-files.ts';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const [, frontMatter = ''] = /^---\n([\s\S]*?)\n---\n/.exec(read('README.md')) ?? [];
const card = parse(frontMatter);
const fits = new Ajv().compile(cardSchema);

describe('the front matter', () => {
  test('point 1: is what the platform takes', () => {
    fits(card);
    expect(fits.errors).toBeNull();
    expect(card).toMatchObject({ sdk: 'docker', license: 'mit' });
  });

  test.each([
    ['a key that does not exist', { short_desc: 'x' }],
    ['a key of another kind of Space', { sdk_version: '6.0.0' }],
    ['the disk that is gone', { suggested_storage: 'small' }],
    ['another colour', { colorFrom: 'orange' }],
    ['a description of 61 characters', { short_description: 'x'.repeat(61) }],
    ['a port as text', { app_port: '7860' }],
    ['hardware that is not offered', { suggested_hardware: 'cpu' }],
    ['a sign-in of more than 30 days', { hf_oauth_expiration_minutes: 43_201 }],
    ['a scope that does not exist', { hf_oauth_scopes: ['read'] }],
    ['a time without a unit', { startup_duration_timeout: '30' }],
    ['a header of another kind', { custom_headers: { 'x-frame-options': 'DENY' } }],
    ['tags that are no list', { tags: 'summarization' }],
  ])('point 1: %s would be found', (_, change) => {
    expect(fits({ ...card, ...change })).toBe(false);
  });

  // who somebody is and which organisations they are in comes with openid and profile, which need not be named; the
  // token itself is not kept, so how long it holds does not matter
  test('point 1: sign-in with the Hub is on, and asks for nothing that it does not need', () => {
    expect(card.hf_oauth).toBe(true);
    expect(Object.keys(card).filter((key) => key.startsWith('hf_oauth_'))).toEqual([]);
    expect(loadConfig({ OAUTH_CLIENT_ID: 'id', OAUTH_CLIENT_SECRET: 'secret' }).operator.oauth?.scopes).toBe(
      'openid profile',
    );
  });
});

test('point 2: one port: on the card, in nginx, in the image, and as the default', () => {
  expect(card.app_port).toBe(defaultPort);
  expect(nginxValues(loadConfig({}), root, false).LISTEN).toBe(String(defaultPort));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: nginx.conf is a template of its own
  expect(read('nginx.conf').match(/^ *listen .*$/gm)).toEqual(['    listen ${LISTEN};']);
  expect(new Set(read('Dockerfile').match(/^EXPOSE .*$/gm))).toEqual(new Set([`EXPOSE ${defaultPort}`]));
});

describe('what the Hub lets in', () => {
  const noGit = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root }).status !== 0;

  test.skipIf(noGit)(
    `point 3: no file over 10 MB and no binary one outside LFS${noGit ? ' (skipped: no git here)' : ''}`,
    () => {
      // what is staged, so that it is seen before it is committed
      const { stdout: tree } = spawnSync('git', ['write-tree'], { cwd: root, encoding: 'utf8' });
      expect(refusedFiles(root, tree.trim())).toEqual([]);
    },
  );

  test('point 3: .gitattributes puts models, images and documents into LFS', () => {
    expect(existsSync(path.join(root, '.gitattributes'))).toBe(true);
    const lines = read('.gitattributes');
    for (const kind of ['onnx', 'safetensors', 'bin', 'png', 'jpg', 'pdf', 'zip'])
      expect(lines).toMatch(new RegExp(`^\\*\\.${kind} filter=lfs diff=lfs merge=lfs -text$`, 'm'));
  });
});

describe.each(['README.md', 'docs/space.md'])('%s', (file) => {
  const text = read(file).replace(/\s+/g, ' ');

  test('point 4: says that a Docker Space takes a paid plan', () => {
    expect(text).toMatch(/Docker Space (needs|takes) a paid plan \(PRO, Team or Enterprise\)/);
    expect(text).not.toMatch(/free (Docker )?Space/i);
  });
  test('point 4: says that it sleeps after 48 hours', () => {
    expect(text).toMatch(/sleeps after 48 hours/);
  });
  test('point 4: says that what is to be kept goes into a bucket, not onto a disk at /data', () => {
    expect(text).toMatch(/Storage Bucket/);
    expect(text).not.toMatch(/persistent storage/i);
  });
});
