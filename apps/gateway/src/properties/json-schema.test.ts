import { openapiDocument } from '@slipway/contract/openapi/document';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valuesOf } from './json-schema.ts';

const document = JSON.parse(JSON.stringify(openapiDocument())) as ReturnType<typeof openapiDocument>;
const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'openapi');

test.each(['Submission', 'Upload', 'Batch', 'Retry'])('what is made of the schema %s is valid by it', (name) => {
  const values = valuesOf({ $ref: name }, document.components.schemas);
  const property = fc.property(values, (value) => {
    // as it goes over the wire: a value of JSON, and not an object of JavaScript
    const sent = JSON.parse(JSON.stringify(value));
    if (!ajv.validate(`openapi#/components/schemas/${name}`, sent)) throw new Error(ajv.errorsText());
  });
  fc.assert(property, { seed: 4, numRuns: 300 });
});

test('a keyword that it does not know is an error, and not passed over', () => {
  expect(() => valuesOf({ type: 'null' }, {})).toThrow('the type null');
  expect(() => valuesOf({ type: 'string', pattern: '^(?=a)' }, {})).toThrow();
});
