/**
 * The file process. A hostile or merely large file makes a parser compute for seconds or take gigabytes, so it is read
 * here, where the gateway (file-process.ts) can end it, and not in the gateway's own event loop.
 */
import { readDocument } from '@slipway/files/documents/read';
import { checkImage } from '@slipway/files/images/decode';
import { serveFiles } from './serve.ts';

serveFiles({ readDocument, checkImage });
