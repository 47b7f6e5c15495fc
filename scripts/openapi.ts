/** `npm run openapi`: writes docs/openapi.json from the contract. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openapiDocument } from '@slipway/contract/openapi/document';

const file = path.resolve(import.meta.dirname, '../docs/openapi.json');
writeFileSync(file, `${JSON.stringify(openapiDocument(), undefined, 2)}\n`);
