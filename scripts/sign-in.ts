/** `npm run sign-in`: prints another link that signs the operator in once. */
import path from 'node:path';
import { readEnvFile } from '@slipway/config/environment';
import { loadConfig } from '@slipway/config/load';
import { anotherSignInLink } from '@slipway/launcher/sign-in-link';
import { readArguments } from './arguments.ts';

readArguments(
  'Usage: npm run sign-in      prints a link that signs the operator in once, and ends the one before it',
  {},
);
readEnvFile(path.resolve(import.meta.dirname, '../.env'));
const config = loadConfig();
try {
  console.log(await anotherSignInLink(config, `http://localhost:${config.port}`));
} catch (error) {
  console.error(`sign-in: ${(error as Error).message}`);
  process.exitCode = 1;
}
