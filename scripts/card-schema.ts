/**
 * What may stand in the front matter of a Docker Space's README.md, as JSON Schema: the keys of
 * https://huggingface.co/docs/hub/spaces-config-reference that mean something to such a Space, hardware from
 * https://huggingface.co/docs/hub/spaces-gpus, scopes from https://huggingface.co/docs/hub/spaces-oauth. The bound of
 * short_description is not documented: longer ones have rejected pushes.
 */
const color = { enum: ['red', 'yellow', 'green', 'blue', 'indigo', 'purple', 'pink', 'gray'] };
const text = { type: 'string', minLength: 1 };
const names = { type: 'array', items: text };
const yesOrNo = { type: 'boolean' };

export const cardSchema = {
  type: 'object',
  required: ['title', 'emoji', 'colorFrom', 'colorTo', 'sdk', 'app_port', 'license', 'short_description'],
  additionalProperties: false,
  properties: {
    title: text,
    emoji: { type: 'string', pattern: '^\\p{Emoji}+$' },
    colorFrom: color,
    colorTo: color,
    sdk: { const: 'docker' },
    app_port: { type: 'integer', minimum: 1, maximum: 65_535 },
    base_path: { type: 'string', pattern: '^/' },
    license: text,
    short_description: { type: 'string', minLength: 1, maxLength: 60 },
    thumbnail: { type: 'string', pattern: '^https://' },
    tags: names,
    models: names,
    datasets: names,
    pinned: yesOrNo,
    fullWidth: yesOrNo,
    header: { enum: ['mini', 'default'] },
    disable_embedding: yesOrNo,
    startup_duration_timeout: { type: 'string', pattern: '^\\d+[smh]$' },
    suggested_hardware: {
      enum: [
        ...['cpu-basic', 'cpu-upgrade', 't4-small', 't4-medium', 'l4x1', 'l4x4', 'l40sx1', 'l40sx4', 'l40sx8'],
        ...['a10g-small', 'a10g-large', 'a10g-largex2', 'a10g-largex4', 'a100-large', 'a100x4', 'a100x8'],
      ],
    },
    preload_from_hub: names,
    custom_headers: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(
        ['embedder', 'opener', 'resource'].map((kind) => [`cross-origin-${kind}-policy`, text]),
      ),
    },
    hf_oauth: yesOrNo,
    hf_oauth_scopes: {
      type: 'array',
      items: {
        enum: [
          ...['email', 'read-billing', 'read-repos', 'write-repos', 'manage-repos', 'inference-api'],
          'write-discussions',
        ],
      },
    },
    hf_oauth_expiration_minutes: { type: 'integer', minimum: 1, maximum: 43_200 },
    hf_oauth_authorized_org: { anyOf: [text, names] },
  },
};
