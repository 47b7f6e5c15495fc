import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import { unreadable } from './faults.ts';
import { htmlToText } from './html-text.ts';
import { sieve } from './sieve.ts';

/** What leads to other pages or stands around the text, where no article was found. */
const around = ['nav', 'footer', 'aside', 'dialog', '[role="navigation"]', '[hidden]', '[aria-hidden="true"]'];

/** The article takes too long to find in a page of more elements than this; the whole page is read then. */
const maxElements = 20_000;

/** The text of a page's article, with its title; of a page that is none, all but what stands around. */
export function readHtml(html: string): string {
  const { page, elements } = sieve(html);
  const whole = htmlToText(page, around);
  const article = elements > maxElements ? '' : articleOf(page);
  // less than a quarter is one section of a long document; more than the whole is a page that is no article, for which
  // Readability lowers its demands until it takes the navigation too
  const isArticle = article.length * 4 >= whole.length && article.length <= whole.length;
  const text = isArticle ? article : whole;
  if (text === '') throw unreadable('is a page without text: send one that has some without its scripts being run');
  return text;
}

function articleOf(page: string): string {
  const { document } = parseHTML(page.includes('<html') ? page : `<html><body>${page}</body></html>`);
  const heading = document.querySelector('h1')?.textContent?.trim() ?? '';
  try {
    const found = new Readability(document).parse();
    const text = htmlToText(found?.content ?? '');
    // the page's title often names the site too; its heading was taken out of the article
    const title = heading !== '' && found?.title?.includes(heading) ? heading : (found?.title ?? '');
    return text === '' || title === '' || text.startsWith(`${title}\n`) ? text : `${title}\n\n${text}`;
  } catch {
    return ''; // a page that it can't take apart
  }
}
