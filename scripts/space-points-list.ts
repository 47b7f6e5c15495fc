/** The forty points of a perfect Docker Space, in our words. `beyond`: what no test off the platform can show. */
export interface Point {
  asks: string;
  beyond?: string;
}

export const points: Point[] = [
  /* 1 */ {
    asks: 'The front matter of README.md parses: known keys, colours, a short description of 60 characters at most',
    beyond: 'that the Hub takes the push',
  },
  /* 2 */ { asks: '`app_port`, what nginx listens on and `EXPOSE` are one number' },
  /* 3 */ { asks: 'No file over 10 MB, and a `.gitattributes`' },
  /* 4 */ { asks: 'The docs say: a paid plan to create it, sleep after 48 h, buckets in place of the old disk' },
  /* 5 */ { asks: 'The image builds without a secret', beyond: "the platform's own builder" },
  /* 6 */ { asks: 'It runs as UID 1000' },
  /* 7 */ { asks: 'It starts with a read-only root; only /tmp and /data are written' },
  /* 8 */ { asks: 'No layer that changes owners of a whole tree' },
  /* 9 */ { asks: 'What Dev Mode needs: its programs, /app of UID 1000, a `CMD`', beyond: 'Dev Mode itself' },
  /* 10 */ { asks: 'tini is PID 1, and killed grandchildren leave no zombie' },
  /* 11 */ {
    asks: '`GET /` and `HEAD /` are 200 within 5 s, before a model is loaded',
    beyond:
      'when the platform calls a Space "Running". On a busy machine the test gives as much more time as its load says',
  },
  /* 12 */ { asks: 'Liveness and readiness are two things' },
  /* 13 */ { asks: 'It starts with nothing set; the admin is then closed' },
  /* 14 */ { asks: 'One line of the log: UID, cores, memory, what keeps the jobs; no secret' },
  /* 15 */ { asks: 'The model cache has a place that can be written, and a bound' },
  /* 16 */ { asks: '`nginx -t` passes as UID 1000 with pipes' },
  /* 17 */ { asks: "nginx' pid file and temporary folders can be written" },
  /* 18 */ { asks: 'No Location with the inner port or plain HTTP', beyond: "what the platform's proxy rewrites" },
  /* 19 */ {
    asks: 'The gateway sees the public host, the scheme and the right address',
    beyond: "the headers that the platform's proxy really sends: a test plays them",
  },
  /* 20 */ { asks: 'A forged X-Forwarded-For changes no limit', beyond: 'as 19' },
  /* 21 */ { asks: 'One body limit in nginx and the gateway; 413 is JSON' },
  /* 22 */ {
    asks: 'Event streams: unbuffered, a beat every 15 s, alive after 90 idle seconds',
    beyond: "buffers and limits of the platform's proxy",
  },
  /* 23 */ { asks: 'No request waits for over 60 s', beyond: "where the platform's own limit lies" },
  /* 24 */ { asks: 'Only the Hub and Spaces may frame the pages' },
  /* 25 */ {
    asks: 'The cookie fits a frame of another site, and other sites can do nothing with it',
    beyond: 'the real frame: a stand-in for the page of the Hub is shown in Chromium',
  },
  /* 26 */ { asks: 'Where a frame keeps no cookie, another tab is offered' },
  /* 27 */ {
    asks: 'Sign-in: state, PKCE, exact issuer, first of SPACE_HOST',
    beyond: "the Hub's own provider: a real OpenID provider plays it",
  },
  /* 28 */ { asks: 'The admin is for the owner, a list or an organisation; others get 403', beyond: 'as 27' },
  /* 29 */ { asks: 'Return paths lead nowhere else' },
  /* 30 */ { asks: 'Keys in X-API-Key and Authorization', beyond: 'what a private Space takes out of Authorization' },
  /* 31 */ {
    asks: "Sessions outlive restarts: their secret is the same (of a password, of the Hub's client, else in Redis)",
  },
  /* 32 */ { asks: 'Redis: its own configuration, on no network, noeviction' },
  /* 33 */ { asks: 'A data folder that cannot be written is found at the start' },
  /* 34 */ {
    asks: 'SIGTERM: no more intake, the job ends or goes back, snapshot, push, Redis last, exit 0; 10 s for what matters',
    beyond: 'how long the platform waits before it kills',
  },
  /* 35 */ { asks: 'Any process may be killed: it comes back, or the container ends' },
  /* 36 */ {
    asks: 'What keeps the jobs is found by trying: bucket, else dataset, else nothing; the admin shows it',
    beyond: 'a real bucket: a volume plays it',
  },
  /* 37 */ {
    asks: 'The restore ends before workers start and before the first push',
    beyond:
      'not kept to the letter, by choice: a restore that takes over 60 s, or that the Hub refuses, is gone on without; a stop before it is done pushes what is new and removes nothing',
  },
  /* 38 */ {
    asks: 'Pushes 5 min apart, none when nothing changed, 100 files at most, the local disk first',
    beyond: "the Hub's hourly quota; ARCHIVE_EVERY may be set lower",
  },
  /* 39 */ {
    asks: '429 waits as told, 412 reads anew, 5xx backs off; no job fails because of the Hub',
    beyond: 'the Hub itself: its real library talks to a stand-in',
  },
  /* 40 */ { asks: 'A container is killed, and a new one has its jobs', beyond: 'as 39' },
];
