import { CodedError } from '@slipway/contract/problems';
import sharp, { type Sharp } from 'sharp';

/** An image as bytes of red, green, blue, row by row. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
}

/** What an image is, its sides in pixels as they lie in the file. */
export interface ImageFacts {
  format: 'png' | 'jpeg' | 'webp' | 'gif' | 'avif';
  width: number;
  height: number;
}

/**
 * Largest image that is decoded, in pixels: 100 MB at 3 bytes each with room to work. A small file can unfold to far
 * more (a "decompression bomb"), so the header is asked first.
 */
export const maxPixels = 32_000_000;

/**
 * Largest AVIF, in pixels. Its decoder holds the whole image several times over: at 12 bits, without subsampling and
 * with transparency 27 bytes a pixel, of which the 512 MiB of the process that checks uploads have room for so many.
 */
export const maxAvifPixels = 13_000_000;

/** Largest file, in bytes: what the tasks take as base64 (10,000,000 characters). Larger ones are not decoded first. */
export const maxBytes = 7_500_000;

/** Longest side, in pixels; of WebP the format's own. Work is done in whole rows and columns. */
export const maxSide = 16_384;

const inRequest = '/input/imageBase64';
const formats = new Map<string, ImageFacts['format']>([
  ['png', 'png'],
  ['jpeg', 'jpeg'],
  ['webp', 'webp'],
  ['gif', 'gif'],
  ['heif', 'avif'], // as sharp calls it
]);

/**
 * Decodes a still image, upright, without transparency (on white). Throws CodedError `invalid_input` saying what is
 * wrong with the file, with one fault at `pointer`.
 */
export async function decodeImage(bytes: Uint8Array, pointer = inRequest): Promise<Pixels> {
  const { image } = await open(bytes, pointer);
  const { data, info } = await image
    .rotate() // as the camera was held
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause) => fail(pointer, broken, cause));
  return { data: threeChannels(data, info.channels), width: info.width, height: info.height };
}

/**
 * Finds what `decodeImage` would refuse, by the same errors. Every pixel is decoded, so that a cut file is found, and
 * averaged to one: memory stays at a few rows for PNG, JPEG and WebP, at the whole image for GIF and AVIF.
 */
export async function checkImage(bytes: Uint8Array, pointer = inRequest): Promise<ImageFacts> {
  const { image, facts } = await open(bytes, pointer);
  await image
    .resize(1, 1, { fit: 'fill', kernel: 'linear' }) // "nearest" would skip rows
    .raw()
    .toBuffer()
    .catch((cause) => fail(pointer, broken, cause));
  return facts;
}

const broken = 'is broken or cut off';

async function open(bytes: Uint8Array, pointer: string): Promise<{ image: Sharp; facts: ImageFacts }> {
  if (bytes.length === 0) fail(pointer, 'is empty');
  if (bytes.length > maxBytes) fail(pointer, `has ${bytes.length} bytes; at most ${maxBytes} are taken`);
  // sharp's own limit is off because ours comes first and says it better
  const image = sharp(bytes, { animated: false, limitInputPixels: false, failOn: 'error' });
  const found = await image.metadata().catch((cause) => fail(pointer, 'cannot be read: it is none, or broken', cause));
  const { width, height } = found;
  const format = formats.get(found.format);
  if (!format) fail(pointer, `is of the format ${found.format}; send PNG, JPEG, WebP, GIF or AVIF`);
  const frames = found.pages ?? (format === 'png' ? pngFrames(bytes) : 1);
  if (frames > 1) fail(pointer, `is animated (${frames} frames); send a still image`);
  const [most, kind] = format === 'avif' ? [maxAvifPixels, ' of AVIF'] : [maxPixels, ''];
  if (width * height > most)
    fail(pointer, `has ${width} × ${height} pixels; at most ${most / 1e6} million${kind} are read`);
  if (Math.max(width, height) > maxSide)
    fail(pointer, `has ${width} × ${height} pixels; at most ${maxSide} are read on a side`);
  return { image, facts: { format, width, height } };
}

/** Sharp does not tell of an animated PNG: its count is in the chunk acTL, before the pixels (www.w3.org/TR/png-3). */
function pngFrames(bytes: Uint8Array): number {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const control = png.subarray(0, Math.max(0, png.indexOf('IDAT'))).indexOf('acTL');
  return control < 0 ? 1 : png.readUInt32BE(control + 4);
}

/** A grey image comes with one channel even in sRGB. */
function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < rgb.length; i += 1) rgb[i] = data[Math.floor(i / 3) * channels] ?? 0;
  return rgb;
}

function fail(pointer: string, what: string, cause?: unknown): never {
  throw new CodedError('invalid_input', `The image ${what}.`, { faults: [{ pointer, message: what }], cause });
}
