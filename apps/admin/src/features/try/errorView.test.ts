import { ProblemError, UnreachableError } from '@slipway/client/errors';
import { expect, test } from 'vitest';
import { viewError } from './errorView.ts';

const problem = { type: 'about:blank', title: 'No', status: 400, detail: 'The input has faults.', requestId: 'r1' };
const textFault = { pointer: '/input/text', message: 'must not be empty or blank' };
const optionFault = { pointer: '/options/minTokens', message: 'must be at least 1' };

test("the text's fault stands beside the text, and nowhere else", () => {
  const view = viewError(new ProblemError({ ...problem, code: 'invalid_input', errors: [textFault] }));
  expect(view).toEqual({ textFault: 'The text must not be empty or blank.', notice: null, mayRetry: false });
});

test('other faults are listed', () => {
  const view = viewError(new ProblemError({ ...problem, code: 'invalid_input', errors: [textFault, optionFault] }));
  expect(view.textFault).toBe('The text must not be empty or blank.');
  expect(view.notice?.detail).toBe('The input has faults.');
  expect(view.notice?.points).toEqual(['options › minTokens must be at least 1']);
});

test("a fault of the service's own may pass, and names its request", () => {
  const view = viewError(new ProblemError({ ...problem, status: 500, code: 'internal' }));
  expect(view.notice?.title).toBe('The service has a fault');
  expect(view.mayRetry).toBe(true);
  expect(view.notice?.detail).toContain('r1');
});

test('a gateway that misses what is behind it is out of reach', () => {
  const view = viewError(new ProblemError({ ...problem, status: 503, code: 'queue_unavailable' }));
  expect(view.notice?.title).toBe("The service can't be reached");
  expect(view.mayRetry).toBe(true);
});

test('a job that is gone is no use to ask for again', () => {
  const view = viewError(new ProblemError({ ...problem, status: 404, code: 'job_not_found' }));
  expect(view.notice?.title).toBe('This job is no longer known');
  expect(view.mayRetry).toBe(false);
});

test.each([new UnreachableError('The service gave no answer.'), new TypeError('x is undefined')])(
  '%s may be retried',
  (error) => {
    const view = viewError(error);
    expect(view.mayRetry).toBe(true);
    expect(view.notice?.detail).toContain('Your text is kept.');
    expect(view.notice?.detail).not.toContain('undefined');
  },
);
