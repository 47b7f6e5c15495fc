const item = 'slipway.apiKey';

/** The key in what a person typed or pasted; undefined where it can't be one: a header takes no others (RFC 6750, 2.1). */
export function parseApiKey(typed: string): string | undefined {
  const key = typed.trim();
  return /^[\x21-\x7e]+$/.test(key) ? key : undefined;
}

/** The key that this browser keeps for the service. */
export function readApiKey(): string | undefined {
  try {
    return parseApiKey(window.localStorage.getItem(item) ?? '');
  } catch {
    return undefined;
  }
}

export function storeApiKey(key: string): void {
  try {
    window.localStorage.setItem(item, key);
  } catch {
    // storage is closed to framed pages in some browsers: the key then lives as long as the page
  }
}
