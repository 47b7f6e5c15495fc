import { crc32 } from 'node:zlib';
import { CodedError } from '@slipway/contract/problems';
import { tasks } from '@slipway/contract/tasks';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { checkImage, decodeImage, maxAvifPixels, maxBytes, maxPixels } from './decode.ts';

const red = { r: 220, g: 20, b: 20 };
const image = (width = 6, height = 4) => sharp({ create: { width, height, channels: 3, background: red } });
const pixel = ({ data }: { data: Uint8Array }, i = 0) => [...data.slice(i * 3, i * 3 + 3)];
const near = (actual: number[], wanted: number[]) =>
  actual.forEach((value, i) => void expect(Math.abs(value - (wanted[i] ?? 0))).toBeLessThan(12));

test.each(['png', 'jpeg', 'webp', 'gif', 'avif'] as const)('%s', async (format) => {
  const pixels = await decodeImage(await image().toFormat(format, { quality: 100 }).toBuffer());
  expect(pixels).toMatchObject({ width: 6, height: 4 });
  expect(pixels.data.length).toBe(6 * 4 * 3);
  near(pixel(pixels), [220, 20, 20]);
});

test('a grey image gets three equal channels, a transparent one stands on white', async () => {
  const grey = await decodeImage(await image().greyscale().toColourspace('b-w').png().toBuffer());
  expect(new Set(pixel(grey)).size).toBe(1);
  expect(grey.data.length).toBe(6 * 4 * 3);
  const clear = sharp({ create: { width: 2, height: 2, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });
  expect(pixel(await decodeImage(await clear.png().toBuffer()))).toEqual([255, 255, 255]);
});

test('a photo taken sideways is turned upright', async () => {
  const sideways = await image(6, 4).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  expect(await decodeImage(sideways)).toMatchObject({ width: 4, height: 6 });
});

/** Three frames in two colours. */
async function animation(format: 'gif' | 'webp'): Promise<Buffer> {
  const frame = (background: object) => ({ create: { width: 8, height: 8, channels: 3 as const, background } });
  const frames = [red, { r: 0, g: 0, b: 255 }, red].map(frame);
  return await sharp(frames as never, { join: { animated: true } } as never)
    .toFormat(format)
    .toBuffer();
}

/** A still PNG that says it goes on: with the chunk that starts an animated one. */
async function animatedPng(): Promise<Buffer> {
  const png = await image().png().toBuffer();
  const control = Buffer.from('\0\0\0\x08acTL\0\0\0\x0c\0\0\0\0', 'latin1');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(control.subarray(4)));
  return Buffer.concat([png.subarray(0, 33), control, sum, png.subarray(33)]);
}

/** A tiny PNG whose header says that it is large. */
async function claiming(width: number, height: number): Promise<Buffer> {
  const png = await image(8, 8).png().toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29); // IHDR's own checksum
  return png;
}

/** A tiny AVIF whose property `ispe` says that it is large (ISO/IEC 23008-12, 6.5.3: version and flags, then the sides). */
async function claimingAvif(width: number, height: number): Promise<Buffer> {
  const avif = await image(8, 8).avif().toBuffer();
  const sides = avif.indexOf('ispe') + 8;
  avif.writeUInt32BE(width, sides);
  avif.writeUInt32BE(height, sides + 4);
  return avif;
}

const broken = async () => (await image(600, 600).png({ compressionLevel: 0 }).toBuffer()).subarray(0, 5_000);
const refusals: [string, () => Promise<Buffer>, RegExp][] = [
  ['text', async () => Buffer.from('no image'), /cannot be read/],
  ['nothing', async () => Buffer.alloc(0), /is empty/],
  [
    'an SVG, which could name files',
    async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    /svg|cannot be read/,
  ],
  ['a file that was cut off', broken, /broken or cut off/],
  [
    '20,000 × 20,000 pixels in a few bytes',
    async () => claiming(20_000, 20_000),
    /20000 × 20000 pixels; at most 32 million/,
  ],
  ['a large AVIF', async () => claimingAvif(4_001, 3_250), /4001 × 3250 pixels; at most 13 million of AVIF are read/],
  ['a file of too many bytes', async () => Buffer.alloc(maxBytes + 1), /has 7500001 bytes; at most 7500000 are taken/],
  ['a long strip', async () => claiming(16_385, 10), /16385 × 10 pixels; at most 16384 are read on a side/],
  ['a moving GIF', async () => animation('gif'), /is animated \(3 frames\); send a still image/],
  ['a moving WebP', async () => animation('webp'), /is animated \(3 frames\)/],
  ['a moving PNG', animatedPng, /is animated \(12 frames\)/],
];
test.each(refusals)('refuses %s, decoding and checking alike', async (_name, bytes, message) => {
  for (const take of [decodeImage, checkImage]) {
    const refused = await take(await bytes(), '/file').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CodedError);
    expect(refused).toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(message),
      faults: [{ pointer: '/file', message: expect.stringMatching(message) }],
    });
  }
});

test('every image that a task takes as base64 may be read, and no larger one', () => {
  expect(maxBytes).toBe(((tasks['classify-image'].input.shape.imageBase64.maxLength ?? 0) / 4) * 3);
});

test('AVIF alone is bound to fewer pixels', async () => {
  expect(maxAvifPixels).toBeLessThan(maxPixels);
  const [width, height] = [4_001, 3_250];
  const png = await sharp({ create: { width, height, channels: 3, background: red } })
    .png()
    .toBuffer();
  expect(await checkImage(png)).toEqual({ format: 'png', width, height });
});

test('a fault is in the input of a request unless told otherwise', async () => {
  await expect(decodeImage(Buffer.alloc(0))).rejects.toMatchObject({ faults: [{ pointer: '/input/imageBase64' }] });
});

test.each(['png', 'jpeg', 'webp', 'gif', 'avif'] as const)('checks a %s to its last rows', async (format) => {
  const noise = Buffer.from(Array.from({ length: 200 * 300 * 3 }, (_, i) => (i * i) % 251));
  const whole = await sharp(noise, { raw: { width: 200, height: 300, channels: 3 } })
    .toFormat(format)
    .toBuffer();
  expect(await checkImage(whole)).toEqual({ format, width: 200, height: 300 });
  const cut = whole.subarray(0, Math.floor(whole.length * 0.97));
  await expect(checkImage(cut)).rejects.toMatchObject({ code: 'invalid_input' });
});
