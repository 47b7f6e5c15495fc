import { isOutage, ProblemError, UnreachableError } from '@slipway/client/errors';
import { CodedError, type Fault } from '@slipway/contract/problems';
import { concerns, faultSentence } from './forms/faults.ts';

/** What the page shows of an error. */
export interface ErrorView {
  /** What is wrong with what was sent, for the fields to show. */
  faults: Fault[];
  /** Everything else; null where the fields say it all. */
  notice: { title: string; detail: string; points: string[] } | null;
  /** True where the same again may succeed. */
  mayRetry: boolean;
  /** True where it may succeed with another API key. */
  asksForKey: boolean;
}

const unreachable = "The service can't be reached";

/** `fields` are the pointers of the form's fields: faults of theirs stand there and not in the notice. */
export function viewError(error: unknown, fields: string[]): ErrorView {
  if (error instanceof ProblemError) return viewProblem(error, fields);
  if (error instanceof CodedError) return { faults: error.faults, notice: null, mayRetry: false, asksForKey: false };
  const [title, detail] =
    error instanceof UnreachableError
      ? [unreachable, `${error.message} What you entered is kept.`]
      : ['This page has a fault', 'Something in the page itself went wrong. What you entered is kept.'];
  return { faults: [], notice: { title, detail, points: [] }, mayRetry: true, asksForKey: false };
}

function viewProblem(problem: ProblemError, fields: string[]): ErrorView {
  const { status, detail, errors, requestId } = problem;
  const others = errors.filter((fault) => !fields.some((field) => concerns(fault, field)));
  const mayRetry = status >= 500 || status === 429;
  const withId = mayRetry ? `${detail} What you entered is kept. (Request ${requestId})` : detail;
  const points = others.map((fault) => faultSentence(fault));
  const allShown = errors.length > 0 && others.length === 0;
  const notice = allShown ? null : { title: titleOf(problem), detail: withId, points };
  return { faults: errors, notice, mayRetry, asksForKey: problem.code === 'unauthorized' };
}

function titleOf(problem: ProblemError): string {
  if (problem.code === 'job_not_found') return 'This job is no longer known';
  if (isOutage(problem)) return unreachable;
  return problem.status >= 500 ? 'The service has a fault' : 'The service did not take this';
}
