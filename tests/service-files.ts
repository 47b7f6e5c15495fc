/** Files of a folder in services/: .gitignore and .dockerignore must agree on them, or the Space lacks what runs here. */
export const neededFiles = [
  'service.json',
  'README.md',
  'dist/app.js',
  'web/dist/assets/page.js',
  'docs/page.md',
  'words.log',
  'data/words.txt',
  'tests/a.py',
];

/** For git and not for the image. */
export const sourceFiles = ['.env.example', 'app.test.ts', 'src/page.test.tsx'];

export const secretOrMadeFiles = [
  '.env',
  '.env.local',
  'web/.env.production',
  '__pycache__/app.pyc',
  'node_modules/a/index.js',
  'node_modules/a/dist/index.js',
  '.venv/lib/a/dist/a.py',
  'venv/bin/python',
  '.turbo/turbo.json',
  'tsconfig.tsbuildinfo',
];
