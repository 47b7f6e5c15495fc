import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { openFile } from './hub.ts';
import { noPatience, testFiles } from './test-files.ts';
import { startTestHub } from './test-hub.ts';

const model = { id: 'made/test', revision: 'main', dtype: 'fp32' } as const;
const weights = 'onnx/encoder_model.onnx';

test('a body that waits to be read outlives a garbage collection', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const files = testFiles('summarize', 'fp32');
  const server = await startTestHub({ files, id: model.id, revision: 'main' });
  const hub = { endpoint: server.endpoint, token: undefined, patience: noPatience(), onPause() {} };
  const options = { revision: 'main', from: 0, etag: null };
  const { reader } = await openFile(hub, model, weights, options, new AbortController().signal);
  for (let turn = 0; turn < 20; turn += 1) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  const pieces: Uint8Array[] = [];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) pieces.push(piece.value);
  expect(Buffer.concat(pieces).equals(files[weights] as Buffer)).toBe(true);
  await server.close();
});
