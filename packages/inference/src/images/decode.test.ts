import { crc32 } from 'node:zlib';
import { CodedError } from '@slipway/contract/problems';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeImage } from './decode.ts';

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

test('of an animation the first frame is read', async () => {
  const frames = await sharp(
    [red, { r: 0, g: 0, b: 255 }].map((background) => ({
      create: { width: 8, height: 8, channels: 3 as const, background },
    })) as never,
    { join: { animated: true } } as never,
  )
    .gif()
    .toBuffer();
  const pixels = await decodeImage(frames);
  expect(pixels).toMatchObject({ width: 8, height: 8 });
  near(pixel(pixels), [220, 20, 20]);
});

/** A tiny PNG whose header says that it is large. */
async function claiming(width: number, height: number): Promise<Buffer> {
  const png = await image(8, 8).png().toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29); // IHDR's own checksum
  return png;
}

const broken = async () => (await image(600, 600).png({ compressionLevel: 0 }).toBuffer()).subarray(0, 5_000);
test.each([
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
])('refuses %s', async (_name, bytes, message) => {
  const refused = await decodeImage(await bytes()).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(CodedError);
  expect(refused).toMatchObject({ code: 'invalid_input', message: expect.stringMatching(message) });
});
