export interface ReleaseOptions {
  /** The text ends before the first of these. */
  stop?: string[];
  /** Leaves out white space at both ends. */
  trim?: boolean;
  /** Takes text that nothing can take back any more; never empty. */
  send: (text: string) => void;
}

/** Lets generated text through, piece by piece, as soon as it is sure to be part of the whole. */
export function createRelease({ stop = [], trim = false, send }: ReleaseOptions) {
  let released = '';
  /** May be white space at the end, or the beginning of a stop string. */
  let held = '';
  let stopped = false;

  const release = (length: number) => {
    const text = held.slice(0, length);
    held = held.slice(length);
    if (text === '') return;
    released += text;
    send(text);
  };
  return {
    add(piece: string) {
      if (stopped) return;
      held += piece;
      if (trim && released === '') held = held.trimStart();
      const at = firstOf(stop, held);
      stopped = at !== -1;
      if (stopped) held = held.slice(0, at);
      const sure = stopped ? held : held.slice(0, held.length - begunStop(stop, held));
      release(trim ? sure.trimEnd().length : sure.length);
    },
    /** A stop string has come: what is added from now on is ignored. */
    stopped: () => stopped,
    /** Nothing more will come. Lets through what was held back, and gives the whole text. */
    finish(): string {
      release(trim ? held.trimEnd().length : held.length);
      return released;
    },
  };
}

/** Where the first of the strings begins in the text, or -1. */
function firstOf(strings: string[], text: string): number {
  const places = strings.map((string) => text.indexOf(string)).filter((place) => place !== -1);
  return places.length === 0 ? -1 : Math.min(...places);
}

/** Length of the text's longest tail that one of the strings begins with. */
function begunStop(strings: string[], text: string): number {
  const tails = strings.map((string) => {
    let length = Math.min(string.length - 1, text.length);
    while (length > 0 && !text.endsWith(string.slice(0, length))) length -= 1;
    return length;
  });
  return Math.max(0, ...tails);
}
