import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // Only the gateway calls this server. The page asks its own origin for hot updates, so they come through it too.
  // allowedHosts stays as it is (localhost and IP addresses): any name at all would let a foreign page that rebinds its
  // own name to this machine read the sources.
  server: {
    host: '127.0.0.1',
    // the gateway was told this port, so another one would be no use
    strictPort: true,
    // else everything in the checkout could be read through /@fs/, Redis' data with people's texts included
    fs: { allow: ['.', '../../packages', '../../node_modules'] },
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
  },
});
