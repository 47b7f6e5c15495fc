/** `npm run sign-in`: prints another link that signs the operator in once. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readEnvFile } from '@slipway/config/environment';
import { loadConfig } from '@slipway/config/load';
import { hasSignInLink, makeSignInLink } from '@slipway/launcher/sign-in-link';
import { readArguments } from './arguments.ts';

readArguments(
  'Usage: npm run sign-in      prints a link that signs the operator in once, and ends the one before it',
  {},
);
readEnvFile(path.resolve(import.meta.dirname, '../.env'));
const config = loadConfig();
const address = `http://localhost:${config.port}`;
if (!hasSignInLink(config)) {
  console.error(`sign-in: no links here, a password or the Hub is set up: ${address}/admin/`);
  process.exit(1);
}
if (!existsSync(config.gatewaySocket)) {
  console.error(`sign-in: no instance runs on port ${config.port} of this machine. Start it with: npm start`);
  process.exit(1);
}
console.log(makeSignInLink(config.signInFile, address));
