import { expect, test } from 'vitest';
import { type HubUser, roleOfUser } from './gate.ts';

const config = { ownerId: 'id-of-ann', users: ['bob'], viewers: ['carol'], organizations: ['acme'] };
const user = (name: string, organizations: HubUser['organizations'] = []): HubUser => ({
  id: `id-of-${name}`,
  name,
  organizations,
});

test.each([
  ['who made the Space', user('ann'), 'operator'],
  ['who is on the list', user('bob'), 'operator'],
  ['who may look', user('carol'), 'viewer'],
  ['an admin of the organisation', user('dan', [{ name: 'acme', role: 'admin' }]), 'operator'],
  ['a member of it', user('eve', [{ name: 'acme', role: 'write' }]), 'viewer'],
  ['a member whose role is not told', user('eve', [{ name: 'acme', role: undefined }]), 'viewer'],
  ['an admin of another one', user('fred', [{ name: 'evil-acme', role: 'admin' }]), null],
  [
    'an admin of another one who is a member here',
    user('gus', [
      { name: 'x', role: 'admin' },
      { name: 'acme', role: 'read' },
    ]),
    'viewer',
  ],
  ['anybody else', user('mallory'), null],
  ['who calls himself by the id', { ...user('mallory'), name: 'id-of-ann' }, null],
])('point 28: %s is %3$s', (_who, of, role) => {
  expect(roleOfUser(of, config)).toBe(role);
});

test('points 13, 28: with nothing configured nobody is let in', () => {
  const none = { ownerId: undefined, users: [], viewers: [], organizations: [] };
  expect(roleOfUser(user('ann', [{ name: 'acme', role: 'admin' }]), none)).toBeNull();
  expect(roleOfUser({ id: '', name: '', organizations: [] }, none)).toBeNull();
});
