import { z } from 'zod';

const oauth = ['OAUTH_CLIENT_ID', 'OAUTH_CLIENT_SECRET', 'OAUTH_SCOPES', 'OPENID_PROVIDER_URL'];
/** What the platform sets on a Space, but for SPACE_ID, which is never wrong. */
const names = [...oauth, 'SPACE_HOST', 'SPACE_CREATOR_USER_ID', 'CPU_CORES'];

/**
 * Those of the platform's variables that a Space starts without, because one is not as we know them and nobody there could
 * mend it. `bad` are the wrong ones. All of sign-in with the Hub is left, or a client's secret might go to another provider.
 */
export function leftOut(bad: string[]): string[] {
  const ours = bad.filter((name) => names.includes(name));
  return ours.some((name) => oauth.includes(name)) ? [...new Set([...ours, ...oauth])] : ours;
}

export const leftOutLine = (left: string[]) =>
  `not as the platform is known to set it, so taken as not set: ${left.join(', ')}`;

/** The variables, each without what makes it optional (env.ts). */
export const platform = {
  /** Quotas may be fractions: 3.5 are three threads' worth, and what is below one is still one. */
  cores: () =>
    z
      .string()
      .regex(/^\d+(\.\d+)?$/, 'must be a number')
      .transform(Number)
      .refine((cores) => cores > 0 && cores <= 1024, 'must be above 0 and at most 1024')
      .transform((cores) => Math.max(1, Math.floor(cores))),
  /** Bytes. Never wrong: another program's variable may have this name, and the cgroup says it too. */
  memory: () => z.string().transform(bytesOf),
};

function bytesOf(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)([KMGT])i$/.exec(text) ?? [];
  return Number(count) * 1024 ** ('KMGT'.indexOf(unit) + 1) || undefined;
}
