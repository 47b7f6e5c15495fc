import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from './folders.ts';

interface Ecosystem {
  apps: { name: string; script: string }[];
}

/** Throws where a script that pm2 is to run is missing: pm2 would say so, start the others and stay. */
export function requireScripts(dev: boolean): void {
  if (dev) return; // the sources are what runs
  const { apps } = createRequire(path.join(root, 'package.json'))('./ecosystem.config.cjs') as Ecosystem;
  const missing = apps.find(({ script }) => script.startsWith('apps/') && !existsSync(path.join(root, script)));
  if (missing) throw new Error(`${missing.script} is missing, so ${missing.name} can't run. Build it: npm run build`);
}
