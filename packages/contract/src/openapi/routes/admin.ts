import { adminPath } from '../../http.ts';
import type { RequestCode } from '../request-problems.ts';
import { json, type Route } from '../route.ts';
import { listParameters } from './jobs.ts';

/** Routes of the operator, who has a session and no key. */
const session: RequestCode[] = ['sign_in_required', 'queue_unavailable'];

const signedIn = 'Needs the cookie of a session that was begun at `/admin/login`.';

export const adminRoutes: Route[] = [
  {
    method: 'get',
    path: `${adminPath}/state`,
    id: 'getAdminState',
    tag: 'Operator',
    summary: 'How the instance is',
    description: `${signedIn} Its parts, queues, workers and models, for viewers too.`,
    answers: { 200: { description: 'The state now.', content: json('AdminState') } },
    problems: session,
  },
  {
    method: 'get',
    path: `${adminPath}/jobs`,
    id: 'listAllJobs',
    tag: 'Operator',
    summary: "List everybody's jobs",
    description: `${signedIn} Newest first, without their outputs. Not for viewers: where the API is open, a job is read by its id.`,
    parameters: listParameters,
    answers: { 200: { description: 'A page of jobs.', content: json('JobList') } },
    problems: ['invalid_input', 'forbidden', ...session],
  },
  {
    method: 'post',
    path: `${adminPath}/sign-out`,
    id: 'signOut',
    tag: 'Operator',
    summary: 'Sign out',
    description: 'Takes the cookie away, where there is one.',
    answers: { 204: { description: 'Signed out.' } },
    problems: ['forbidden'],
  },
  {
    method: 'post',
    path: `${adminPath}/sign-out-everywhere`,
    id: 'signOutEverywhere',
    tag: 'Operator',
    summary: 'Sign everybody out',
    description: `${signedIn} Ends all sessions of all operators and viewers, this one too.`,
    answers: { 204: { description: 'No session is left.' } },
    problems: ['forbidden', ...session],
  },
];
