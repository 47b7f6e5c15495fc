/** `npm run doctor`: explains the running instance, or what a start would find. Code 1 where something is to be mended. */
import { parseArgs } from 'node:util';
import { readEnvFile } from '@slipway/config/environment';
import { asText, examine } from './doctor/examine.ts';
import { envFile } from './folders.ts';

const help = `Usage: npm run doctor               explains the running instance, or what a start would find
       npm run doctor -- --json     the same for programs
In the image: node apps/launcher/dist/doctor.js`;

try {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    console.log(help);
  } else {
    readEnvFile(envFile);
    const examination = await examine();
    const text = values.json ? JSON.stringify(examination, undefined, 2) : asText(examination);
    // a question that a hung house has not answered must not hold us
    process.stdout.write(`${text}\n`, () => process.exit(examination.ok ? 0 : 1));
  }
} catch (error) {
  console.error(`doctor: ${(error as Error).message}\n${help}`);
  process.exitCode = 2;
}
