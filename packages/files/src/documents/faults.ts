import { CodedError, type ProblemCode } from '@slipway/contract/problems';

const taken = 'send plain text, Markdown, HTML, PDF or Word (.docx)';

/** The file is of a type that is not read; `what` goes on from "The file is …". */
export function unsupported(what: string, advice = taken): CodedError {
  return fault('unsupported_media_type', `is ${what}: ${advice}`);
}

/** The file is of a type that is read, but this one can't be; `what` goes on from "The file …". */
export function unreadable(what: string, cause?: unknown): CodedError {
  return fault('invalid_input', what, cause);
}

function fault(code: ProblemCode, what: string, cause?: unknown): CodedError {
  return new CodedError(code, `The file ${what}.`, { faults: [{ pointer: '/file', message: what }], cause });
}
