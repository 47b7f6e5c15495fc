/** `npm run openapi`: writes docs/openapi.json from the contract, as Biome wants it. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openapiDocument } from '@slipway/contract/openapi/document';
import { readArguments } from './arguments.ts';

readArguments('Usage: npm run openapi      writes docs/openapi.json anew from packages/contract', {});
const root = path.resolve(import.meta.dirname, '..');
const file = path.join(root, 'docs/openapi.json');
writeFileSync(file, `${JSON.stringify(openapiDocument(), undefined, 2)}\n`);
const biome = path.join(root, 'node_modules/.bin/biome');
process.exitCode = spawnSync(biome, ['format', '--write', file], { cwd: root, stdio: 'inherit' }).status ?? 1;
