import { isOutage, ProblemError, UnreachableError } from '@slipway/client/errors';
import type { Fault } from '@slipway/contract/problems';

/** What the page shows of an error. */
export interface ErrorView {
  /** What is wrong with the text, to stand beside it. */
  textFault: string | null;
  /** Everything else; null where the text's fault says it all. */
  notice: { title: string; detail: string; points: string[] } | null;
  /** True where the same again may succeed. */
  mayRetry: boolean;
}

const textPointer = '/input/text';
const unreachable = "The service can't be reached";

export function viewError(error: unknown): ErrorView {
  if (error instanceof ProblemError) return viewProblem(error);
  const [title, detail] =
    error instanceof UnreachableError
      ? [unreachable, `${error.message} Your text is kept.`]
      : ['This page has a fault', 'Something in the page itself went wrong. Your text is kept.'];
  return { textFault: null, notice: { title, detail, points: [] }, mayRetry: true };
}

function viewProblem(problem: ProblemError): ErrorView {
  const { status, detail, errors, requestId } = problem;
  const ofText = errors.filter(({ pointer }) => pointer === textPointer);
  const points = errors.filter((fault) => !ofText.includes(fault)).map(faultSentence);
  const textFault = ofText.length > 0 ? `The text ${ofText.map(({ message }) => message).join(', and ')}.` : null;
  const title = problemTitle(problem);
  const mayRetry = status >= 500 || status === 429;
  const withId = mayRetry ? `${detail} Your text is kept. (Request ${requestId})` : detail;
  const notice = textFault && points.length === 0 ? null : { title, detail: withId, points };
  return { textFault, notice, mayRetry };
}

function problemTitle(problem: ProblemError): string {
  if (problem.code === 'job_not_found') return 'This job is no longer known';
  if (isOutage(problem)) return unreachable;
  return problem.status >= 500 ? 'The service has a fault' : 'The service did not take this';
}

/** `/options/minTokens` and what is wrong with it, in words. */
const faultSentence = ({ pointer, message }: Fault) => `${pointer.split('/').slice(1).join(' › ') || 'It'} ${message}`;
