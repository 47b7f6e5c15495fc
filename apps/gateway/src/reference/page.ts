import type { OpenapiDocument, Response } from '@slipway/contract/openapi/document';
import type { Content, Parameter } from '@slipway/contract/openapi/route';
import type { Schema } from '@slipway/contract/openapi/schemas';
import { html, raw } from 'hono/html';
import { type Call, curlOf } from './curl.ts';
import { type Html, prose, schemaAnchor, schemaBlock, typeOf } from './schema.ts';
import { style } from './style.ts';

/** The reference as one page of HTML without scripts or files besides; it works wherever the gateway does. */
export function referencePage(document: OpenapiDocument): Html {
  const { info, tags, components } = document;
  const calls = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): Call => ({ method, path, operation })),
  );
  const byTag = tags.map((tag) => ({
    ...tag,
    calls: calls.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const schemas = Object.entries(components.schemas);
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${info.title} API</title>
  <style>${raw(style)}</style>
</head>
<body>
<header>
  <h1>${info.title} API</h1>
  <p>${prose(info.description)}</p>
  <p>The same for programs: <a href="/openapi.json">openapi.json</a>. The commands below are for a shell where
    <code>URL</code> is the address of this service: <code>URL=http://localhost:7860</code>.</p>
</header>
<nav aria-label="Calls"><ul>${calls.map(navItem)}<li><a href="#schemas">Schemas</a></li></ul></nav>
<main>
  ${byTag.map((tag) => html`<h2>${tag.name}</h2><p>${tag.description}</p>${tag.calls.map(callSection)}`)}
  <h2 id="schemas">Schemas</h2>
  ${schemas.map(([name, schema]) => schemaSection(name, schema))}
</main>
</body>
</html>`;
}

const heading = ({ method, path }: Call): Html => html`<span class="method">${method}</span> <code>${path}</code>`;

const navItem = (call: Call): Html => html`<li><a href="#${call.operation.operationId}">${heading(call)}</a></li>`;

function callSection(call: Call): Html {
  const { operationId, summary, description, parameters = [], requestBody, responses } = call.operation;
  return html`<section id="${operationId}">
    <h3>${summary}</h3>
    <p>${heading(call)}</p>
    ${description !== undefined && html`<p>${prose(description)}</p>`}
    ${parameters.length > 0 && parameterTable(parameters)}
    ${requestBody && html`<h4>Body</h4>${contentBlock(requestBody.content)}`}
    <h4>Call</h4>
    ${curlOf(call).map(({ title, command }) => html`${title && html`<p>${title}</p>`}<pre>${command}</pre>`)}
    <h4>Answers</h4>
    <div class="scroll"><table>
      <thead><tr><th>Status</th><th>Body</th><th>Meaning</th></tr></thead>
      <tbody>${Object.entries(responses).map(([status, response]) => responseRow(status, response))}</tbody>
    </table></div>
    ${Object.values(responses).map(({ content = {} }) => examples(content))}
  </section>`;
}

const parameterTable = (parameters: Parameter[]): Html => html`<h4>Parameters</h4>
  <div class="scroll"><table>
    <thead><tr><th>Name</th><th>In</th><th>About</th></tr></thead>
    <tbody>${parameters.map(
      ({ name, in: where, required, description }) =>
        html`<tr><td><code>${name}</code></td><td>${where}</td><td>${required ? 'required. ' : ''}${prose(description)}</td></tr>`,
    )}</tbody>
  </table></div>`;

const contentBlock = (content: Record<string, Content>): Html =>
  html`<ul>${Object.entries(content).map(([type, { schema }]) => html`<li><code>${type}</code>: ${typeOf(schema)}</li>`)}</ul>`;

function responseRow(status: string, { description, headers, content = {} }: Response): Html {
  const names = Object.keys(headers).filter((name) => name !== 'X-Request-Id');
  const bodies = Object.entries(content).map(
    ([type, { schema }]) => html`<code>${type}</code> ${typeOf(schema)} ${codesOf(schema)}`,
  );
  return html`<tr>
    <td>${status}</td>
    <td>${bodies.length > 0 ? bodies : 'none'}</td>
    <td>${prose(description)}${names.length > 0 && html` With ${names.map((name) => html`<code>${name}</code> `)}`}</td>
  </tr>`;
}

/** The codes that a problem may carry. */
function codesOf(schema: Schema): Html[] {
  const codes = schema.allOf?.flatMap((part) => part.properties?.code?.enum ?? []) ?? [];
  return codes.map((code) => html`<code>${code}</code> `);
}

const examples = (content: Record<string, Content>): Html[] =>
  Object.values(content)
    .flatMap((body) => Object.values(body.examples ?? {}))
    .map(({ summary, value }) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
      return html`<details><summary>${summary}</summary><pre>${text}</pre></details>`;
    });

const schemaSection = (name: string, schema: Schema): Html =>
  html`<section id="${schemaAnchor(name)}"><h3>${name}</h3>${schemaBlock(schema)}</section>`;
