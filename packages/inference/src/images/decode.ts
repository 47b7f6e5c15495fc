import { CodedError } from '@slipway/contract/problems';
import sharp from 'sharp';

/** An image as bytes of red, green, blue, row by row. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
}

/**
 * Largest image that is decoded, in pixels: 100 MB at 3 bytes each with room to work. A small file can unfold to far
 * more (a "decompression bomb"), so the header is asked first.
 */
export const maxPixels = 32_000_000;

const formats = new Set(['png', 'jpeg', 'webp', 'gif', 'heif']); // sharp calls AVIF "heif"

/**
 * Decodes the first frame, upright, without transparency (on white). Throws CodedError `invalid_input` saying what is
 * wrong with the file.
 */
export async function decodeImage(bytes: Uint8Array): Promise<Pixels> {
  if (bytes.length === 0) fail('is empty');
  // sharp's own limit is off because ours comes first and says it better
  const image = sharp(bytes, { animated: false, limitInputPixels: false, failOn: 'error' });
  const { format, width, height } = await image
    .metadata()
    .catch((cause) => fail('cannot be read: it is none, or broken', cause));
  if (!formats.has(format)) fail(`is of the format ${format}; send PNG, JPEG, WebP, GIF or AVIF`);
  if (width * height > maxPixels) fail(`has ${width} × ${height} pixels; at most ${maxPixels / 1e6} million are read`);
  const { data, info } = await image
    .rotate() // as the camera was held
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause) => fail('is broken or cut off', cause));
  return { data: threeChannels(data, info.channels), width: info.width, height: info.height };
}

/** A grey image comes with one channel even in sRGB. */
function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < rgb.length; i += 1) rgb[i] = data[Math.floor(i / 3) * channels] ?? 0;
  return rgb;
}

function fail(what: string, cause?: unknown): never {
  const faults = [{ pointer: '/input/imageBase64', message: what }];
  throw new CodedError('invalid_input', `The image ${what}.`, { faults, cause });
}
