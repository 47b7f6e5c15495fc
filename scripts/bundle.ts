/** Bundles an app for the image: `node ../../scripts/bundle.ts src/main.ts …`, from the app's folder, into its dist/. */
import { build } from 'esbuild';

const entryPoints = process.argv.slice(2);
if (entryPoints.length === 0) throw new Error('Usage: node scripts/bundle.ts ENTRY…');

await build({
  entryPoints,
  outdir: 'dist',
  bundle: true,
  // what the processes of an app have in common is there once. Chunks of former builds stay: an instance may be running on them
  splitting: true,
  chunkNames: 'chunk-[hash]',
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: 'linked',
  logLevel: 'warning',
  // they load native libraries that lie beside them
  external: ['@huggingface/transformers', 'sharp'],
  // CommonJS dependencies inside an ES module still ask for Node's own modules by require
  banner: { js: "import { createRequire as banner } from 'node:module'; const require = banner(import.meta.url);" },
});
