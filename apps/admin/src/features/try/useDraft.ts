import { useEffect, useState } from 'react';

const key = 'slipway.try.text';
/** Pause in typing, in milliseconds, after which the text is stored. */
const quietMs = 300;

/** The text in the field, kept for this tab over a reload. Where a browser allows no storage it lives in the page. */
export function useDraft(): [string, (text: string) => void] {
  const [text, setText] = useState(read);
  useEffect(() => {
    const timer = window.setTimeout(() => write(text), quietMs);
    const leave = () => write(text);
    window.addEventListener('pagehide', leave);
    return () => {
      window.clearTimeout(timer);
      window.removeEventListener('pagehide', leave);
    };
  }, [text]);
  return [text, setText];
}

function read(): string {
  try {
    return window.sessionStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

function write(text: string): void {
  try {
    window.sessionStorage.setItem(key, text);
  } catch {
    // storage is closed to framed pages in some browsers, and full for very long texts
  }
}
