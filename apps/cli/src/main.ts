#!/usr/bin/env node
import path from 'node:path';
import { createClient } from '@slipway/client/client';
import { clientDefaults } from '@slipway/config/client';
import { readEnvFile } from '@slipway/config/environment';
import { useProxyFromEnvironment } from '@slipway/config/proxy';
import { run } from './program.ts';
import { readLocalFile } from './read-file.ts';

const { stdin, stdout, stderr } = process;

// the PORT that the house on this machine was given there is where it is
try {
  readEnvFile(path.resolve(import.meta.dirname, '../../../.env'));
} catch (error) {
  stderr.write(`.env is not read: ${(error as Error).message}\n`);
}
useProxyFromEnvironment();
const code = await run(process.argv.slice(2), {
  stdin,
  stdout,
  stderr,
  defaults: clientDefaults(),
  createClient,
  readFile: readLocalFile,
  onInterrupt(callback) {
    process.on('SIGINT', callback);
    return () => process.off('SIGINT', callback);
  },
});
// a call that nobody waits for any more must not hold the process, nor a reader who has had enough fail it
stdout.write('', () => process.exit(code));
