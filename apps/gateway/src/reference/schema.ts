import type { Schema } from '@slipway/contract/openapi/schemas';
import { html } from 'hono/html';

export type Html = ReturnType<typeof html>;

/** Text with `code` in backticks. */
export function prose(text: string): Html {
  return html`${text.split('`').map((part, i) => (i % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}

export const schemaAnchor = (name: string) => `schema-${name}`;

/** What a schema says: a table of its fields for each form that it may have, and links to what it refers to. */
export function schemaBlock(schema: Schema): Html {
  const forms = [schema, ...(schema.allOf ?? []), ...(schema.oneOf ?? [])].filter((form) => form.properties);
  const refers = forms.length === 0 || schema.allOf;
  return html`
    ${schema.description !== undefined && html`<p>${prose(schema.description)}</p>`}
    ${refers && html`<p>${typeOf(schema)}${forms.length > 0 && ', and'}</p>`}
    ${forms.map((form) => fieldTable(form.properties ?? {}, form.required))}`;
}

function fieldTable(properties: Record<string, Schema>, required: string[] = []): Html {
  const rows = Object.entries(properties).map(([name, field]) => fieldRow(name, field, required.includes(name)));
  return html`<div class="scroll"><table>
    <thead><tr><th>Field</th><th>Type</th><th>About</th></tr></thead>
    <tbody>${rows}</tbody>
  </table></div>`;
}

function fieldRow(name: string, field: Schema, required: boolean): Html {
  const nested = field.properties ?? field.items?.properties;
  const below = nested && fieldTable(nested, (field.properties ? field : field.items)?.required);
  const notes = [...(required ? ['required'] : []), ...limits(field)].join(', ');
  return html`<tr>
    <td><code>${name}</code></td>
    <td>${typeOf(field)}</td>
    <td>${notes && `${notes}. `}${prose(field.description ?? '')}${below}</td>
  </tr>`;
}

/** The type in words, references as links. */
export function typeOf(schema: Schema): Html {
  const { $ref, type, items, additionalProperties, contentSchema } = schema;
  if ($ref !== undefined) return link($ref);
  const choices = schema.oneOf ?? schema.anyOf ?? schema.allOf?.filter((part) => part.$ref !== undefined);
  if (choices && choices.length > 0) return joined(choices.map(typeOf), schema.allOf ? ' and ' : ' or ');
  if ('const' in schema) return code(schema.const);
  if (Array.isArray(schema.enum)) return joined(schema.enum.map(code), ' or ');
  if (items) return html`list of ${typeOf(items)}`;
  if (additionalProperties && Object.keys(additionalProperties).length > 0)
    return html`map of names to ${typeOf(additionalProperties as Schema)}`;
  if (contentSchema) return html`stream: ${typeOf(contentSchema as Schema)}`;
  return html`${[type ?? 'any'].flat().join(' or ')}`;
}

const code = (value: unknown): Html => html`<code>${JSON.stringify(value)}</code>`;
const joined = (parts: Html[], by: string): Html => html`${parts.map((part, i) => html`${i > 0 ? by : ''}${part}`)}`;

function link($ref: string): Html {
  const name = $ref.split('/').at(-1) ?? '';
  return html`<a href="#${schemaAnchor(name)}">${name}</a>`;
}

const bounds: [keyword: string, words: (value: unknown) => string][] = [
  ['default', (value) => `default ${JSON.stringify(value)}`],
  ['format', (value) => `${value}`],
  ['minimum', (value) => `at least ${value}`],
  ['maximum', (value) => `at most ${value}`],
  ['minLength', (value) => `at least ${value} characters`],
  ['maxLength', (value) => `at most ${value} characters`],
  ['minItems', (value) => `at least ${value} items`],
  ['maxItems', (value) => `at most ${value} items`],
];
/** What every whole number of JavaScript keeps to says nothing about this one. */
const unbounded: ReadonlySet<unknown> = new Set([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);

const limits = (schema: Schema): string[] =>
  bounds.flatMap(([keyword, words]) =>
    keyword in schema && !unbounded.has(schema[keyword]) ? [words(schema[keyword])] : [],
  );
