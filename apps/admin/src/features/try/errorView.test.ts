import { ProblemError, UnreachableError } from '@slipway/client/errors';
import { CodedError } from '@slipway/contract/problems';
import { expect, test } from 'vitest';
import { viewError } from './errorView.ts';

const problem = { type: 'about:blank', title: 'No', status: 400, detail: 'The input has faults.', requestId: 'r1' };
const textFault = { pointer: '/input/text', message: 'must not be empty or blank' };
const optionFault = { pointer: '/options/minTokens', message: 'must be at least 1' };
const deadlineFault = { pointer: '/deadline', message: 'must be a time' };
const fields = ['/input/text', '/options/minTokens'];

test("faults of the form's fields are theirs to show, and nobody else's", () => {
  const errors = [textFault, optionFault];
  const view = viewError(new ProblemError({ ...problem, code: 'invalid_input', errors }), fields);
  expect(view).toEqual({ faults: errors, notice: null, mayRetry: false, asksForKey: false });
});

test('other faults are listed', () => {
  const errors = [textFault, deadlineFault];
  const view = viewError(new ProblemError({ ...problem, code: 'invalid_input', errors }), fields);
  expect(view.faults).toContain(textFault);
  expect(view.notice).toMatchObject({ detail: 'The input has faults.', points: ['Deadline must be a time.'] });
});

test('a problem that names no place says itself', () => {
  const view = viewError(new ProblemError({ ...problem, status: 413, code: 'body_too_large' }), fields);
  expect(view.notice).toEqual({ title: 'The service did not take this', detail: 'The input has faults.', points: [] });
});

test("a fault of the service's own may pass, and names its request", () => {
  const view = viewError(new ProblemError({ ...problem, status: 500, code: 'internal' }), fields);
  expect(view.notice?.title).toBe('The service has a fault');
  expect(view.mayRetry).toBe(true);
  expect(view.notice?.detail).toContain('r1');
});

test('a gateway that misses what is behind it is out of reach', () => {
  const view = viewError(new ProblemError({ ...problem, status: 503, code: 'queue_unavailable' }), fields);
  expect(view.notice?.title).toBe("The service can't be reached");
  expect(view.mayRetry).toBe(true);
});

test('a job that is gone is no use to ask for again', () => {
  const view = viewError(new ProblemError({ ...problem, status: 404, code: 'job_not_found' }), fields);
  expect(view.notice?.title).toBe('This job is no longer known');
  expect(view.mayRetry).toBe(false);
});

test('a service that wants a key, or another one, is told apart', () => {
  const view = viewError(new ProblemError({ ...problem, status: 401, code: 'unauthorized' }), fields);
  expect(view).toMatchObject({ asksForKey: true, mayRetry: false, notice: { detail: 'The input has faults.' } });
  const forbidden = new ProblemError({ ...problem, status: 403, code: 'key_required' });
  expect(viewError(forbidden, fields).asksForKey).toBe(false);
});

test('what the form found itself stands at its fields', () => {
  const view = viewError(new CodedError('invalid_input', 'No.', { faults: [optionFault] }), fields);
  expect(view).toEqual({ faults: [optionFault], notice: null, mayRetry: false, asksForKey: false });
});

test.each([new UnreachableError('The service gave no answer.'), new TypeError('x is undefined')])(
  '%s may be retried',
  (error) => {
    const view = viewError(error, fields);
    expect(view.mayRetry).toBe(true);
    expect(view.notice?.detail).toContain('What you entered is kept.');
    expect(view.notice?.detail).not.toContain('undefined');
  },
);
