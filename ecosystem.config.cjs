// What pm2 supervises, in order: each process is started when the one before it says that it does its work.
// The launcher (apps/launcher) starts pm2 with this file and sets SLIPWAY_VITE_PORT in development.
// SLIPWAY_SERVICES names the file with what of services/ runs, and on which port.
const { readFileSync } = require('node:fs');

const vitePort = process.env.SLIPWAY_VITE_PORT;
const dev = vitePort !== undefined;
const servicesFile = process.env.SLIPWAY_SERVICES;
const services = servicesFile ? JSON.parse(readFileSync(servicesFile, 'utf8')) : [];

/** In development Node runs the sources, else the bundles. */
const entry = (app, file) => `apps/${app}/${dev ? `src/${file}.ts` : `dist/${file}.js`}`;

const common = {
  cwd: __dirname,
  interpreter: process.execPath,
  wait_ready: true,
  listen_timeout: 20_000,
  kill_timeout: 30_000, // the longest ordered stop: a worker that finishes or hands back its jobs
  treekill: false, // a process stops its own children, in its own order
  autorestart: true,
  exp_backoff_restart_delay: 100,
  time: false,
  out_file: '/dev/null', // pm2 would keep a second copy of every line, for ever; it passes them on all the same
  error_file: '/dev/null',
  pmx: false, // pm2's own agent would end a process at once when pm2 is gone, in the middle of its ordered stop
};
/** Node's own watcher knows exactly which files a process has imported. */
const reload = dev ? { interpreter_args: ['--watch', '--watch-preserve-output', '--watch-kill-signal=SIGHUP'] } : {};

const apps = [
  // waits for all who use it, then writes what it holds
  { ...common, name: 'redis', script: entry('launcher', 'redis'), kill_timeout: 60_000 },
  {
    ...common,
    ...reload,
    name: 'gateway',
    script: entry('gateway', 'main'),
    // what a stream of events leaves behind is collected while it is young: 1,000 of them take 185 MB and not 276
    interpreter_args: [...(reload.interpreter_args ?? []), '--max-semi-space-size=8'],
    args: [
      ...(dev ? ['--vite', `http://127.0.0.1:${vitePort}`] : []),
      ...(servicesFile ? ['--services', servicesFile] : []),
    ],
  },
  {
    ...common,
    name: 'vite',
    cwd: `${__dirname}/apps/admin`,
    script: 'node_modules/vite/bin/vite.js',
    args: ['--host', '127.0.0.1', '--port', vitePort, '--strictPort', '--clearScreen', 'false'],
    wait_ready: false,
  },
  { ...common, name: 'nginx', script: entry('launcher', 'nginx'), args: dev ? ['--dev'] : [] },
  {
    ...common,
    ...reload,
    name: 'courier',
    script: entry('courier', 'main'),
    // it restores the archive first, for 60 s at most: the door is open meanwhile, and only the worker waits
    listen_timeout: 70_000,
  },
  {
    ...common,
    ...reload,
    name: 'worker',
    script: entry('worker', 'main'),
    // lets the memory of freed models go back to the system
    env: { MALLOC_MMAP_THRESHOLD_: '1048576', MALLOC_TRIM_THRESHOLD_: '1048576' },
  },
  // last, and not waited for: a service that a fork brings must not hold up the house
  ...services.map(({ name }) => ({
    ...common,
    name: `service-${name}`,
    script: entry('launcher', 'service'),
    args: ['--file', servicesFile, '--name', name],
    wait_ready: false,
  })),
];

module.exports = {
  apps: apps.filter(({ name }) => (name !== 'redis' || !process.env.REDIS_URL) && (name !== 'vite' || dev)),
};
