import fc from 'fast-check';
import { expect, test } from 'vitest';
import { returnPath } from './return-path.ts';

test.each(['/', '/admin/', '/echo/socket?x=1&y=//z', '/a%2f%2fb', '/docs'])('point 29: %s is gone back to', (path) => {
  expect(returnPath(path)).toBe(path);
});

test.each([
  undefined,
  '',
  'admin',
  'https://attacker.example/',
  '//attacker.example',
  '////attacker.example',
  '/\\attacker.example',
  '\\\\attacker.example',
  '/\t/attacker.example',
  '/\n\\attacker.example',
  '/.//attacker.example',
  '/x/..//attacker.example',
  '/%2e//attacker.example',
  'javascript:alert(1)',
  '/admin/login?next=/admin/login',
  '/login/callback',
])('point 29: %j is not', (path) => {
  expect(returnPath(path)).toBe('/admin/');
});

test('point 29: whatever is asked for, a browser stays on this host', () => {
  const piece = fc.constantFrom('/', '\\', '.', '..', '\t', '\n', '@', ':', '%2f', '%5c', '?', '#', 'attacker.example');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((all) => `/${all.join('')}`),
  );
  fc.assert(
    fc.property(text, (asked) => {
      const path = returnPath(asked);
      expect(new URL(path, 'https://us.example/admin/').host).toBe('us.example');
      expect(path).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/); // as a header, too
    }),
  );
});
