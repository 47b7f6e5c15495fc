const here = 'http://here.invalid';
const home = '/admin/';

/**
 * Where to go after signing in: a path of this host, else the page of the operator. Browsers read `//x`, `/\x` and the like
 * as another host, also where dots or tabs hide it, so what counts is how a URL parser sees it.
 */
export function returnPath(text: string | undefined): string {
  if (text === undefined || !text.startsWith('/')) return home;
  const url = URL.parse(text, here);
  if (url === null || url.origin !== here || url.pathname.startsWith('//')) return home;
  if (/^\/(admin\/)?login(\/|$)/.test(url.pathname)) return home; // it would come back for ever
  return url.pathname + url.search;
}
