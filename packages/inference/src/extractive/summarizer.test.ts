import type { Progress } from '@slipway/contract/jobs';
import { expect, test } from 'vitest';
import type { SummaryRequest } from '../engine.ts';
import { testContext } from '../test-context.ts';
import { splitSentences } from './sentences.ts';
import { createExtractiveSummarizer } from './summarizer.ts';

const { summarize } = createExtractiveSummarizer();
const run = (text: string, request: Partial<SummaryRequest> = {}) =>
  summarize({ text, minTokens: 1, maxTokens: 40, format: 'paragraph', ...request }, testContext().context);

const harbour = `The old harbour of Porto Vento was built by merchants of the town in 1832. It rained a lot that year.
Storms from the Atlantic had cost the merchants of the town a ship nearly every winter. A wall of granite now shelters
the harbour from the Atlantic storms. My aunt likes cheese. Fishing boats from the whole coast come to the harbour when
storms are forecast. The town pays for the harbour with a tax on every boat that enters. Nobody likes the tax. Fishermen
say the tax on boats is too high for small harbours. The town answers that the granite wall needs repair after storms.`;

test('chooses whole sentences of the text, in its order, within the budget', async () => {
  const text = harbour.replaceAll('\n', ' ');
  const sentences = splitSentences(text);
  const { summary, inputTokens, outputTokens } = await run(harbour);
  const places = splitSentences(summary).map((sentence) => sentences.indexOf(sentence));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(summary).not.toContain('cheese');
  expect(inputTokens).toBe(text.split(' ').length);
  expect(outputTokens).toBe(summary.split(' ').length);
  expect(outputTokens).toBeLessThanOrEqual(30);
  expect(outputTokens).toBeGreaterThan(20);
  expect(await run(harbour)).toEqual({ summary, inputTokens, outputTokens });
});

test('prints bullets', async () => {
  const { summary } = await run(harbour, { format: 'bullets', maxTokens: 60 });
  expect(summary.split('\n').length).toBeGreaterThan(1);
  for (const line of summary.split('\n')) expect(line).toMatch(/^- \S.*\.$/);
});

test('gives a short text back whole and tidied', async () => {
  const { summary } = await run('  # Plan\n\nWe  meet\ton Friday .\n\n* Bring food\n');
  expect(summary).toBe('Plan. We meet on Friday. Bring food');
});

test('reaches the minimum where the text has it', async () => {
  const { outputTokens } = await run(harbour, { minTokens: 60, maxTokens: 80 });
  expect(outputTokens).toBeGreaterThanOrEqual(45);
  expect(outputTokens).toBeLessThanOrEqual(60);
});

test('cuts a single sentence that is too long', async () => {
  const { summary } = await run('The ship that the merchants of the town had lost came back in spring.', {
    maxTokens: 7,
  });
  expect(summary).toBe('The ship that the merchants…');
  expect((await run(harbour, { maxTokens: 1 })).outputTokens).toBe(1);
});

test('summarizes a meeting without labels, tags and back-channels', async () => {
  const turns = splitSentences(harbour.replaceAll('\n', ' ')).flatMap((sentence) => [
    `Grad A: {vocalsound} Well , ${sentence.replaceAll('.', ' {disfmarker} .').replaceAll(',', ' ,')}`,
    'Professor B: Yeah .',
    'Grad A: Mm - hmm . {pause}',
  ]);
  const { summary, outputTokens } = await run(turns.join('\n'), { minTokens: 20 });
  expect(summary).not.toMatch(/[{}:]| \.| ,|Yeah|hmm/);
  expect(summary).toContain('harbour');
  expect(outputTokens).toBeGreaterThanOrEqual(15);
});

test('does not fill what is left of the budget with remarks', async () => {
  const long = ['red', 'blue', 'green', 'white', 'black', 'brown', 'grey', 'pink', 'gold', 'teal'].map(
    (colour, place) =>
      `Boat number ${place} of the harbour is ${colour} and very old. I really do not mind ${colour} much.`,
  );
  const { summary } = await run(long.join(' '), { maxTokens: 39 });
  expect(splitSentences(summary)).toHaveLength(2);
  expect(summary).not.toContain('mind');
});

test('takes the sentence that announces what the text is about', async () => {
  const measured = (what: string) => `${what} the harbour was measured in the spring of the year by the town.`;
  const text = (third: string) => ['At last', 'With care', third, 'Once more'].map(measured).join(' ');
  const announced = 'In this report';
  expect((await run(text(announced), { maxTokens: 22 })).summary).toBe(measured(announced));
  expect((await run(text('In this way'), { maxTokens: 22 })).summary).not.toContain('In this way');
});

test('never says anything twice', async () => {
  const { summary } = await run('Every boat that enters the harbour must pay the tax of the town. '.repeat(20));
  expect(summary).toBe('Every boat that enters the harbour must pay the tax of the town.');
});

test.each([
  ['emoji', '🎉 '.repeat(500)],
  ['emoji without spaces', '🎉'.repeat(500)],
  ['rules', '--- *** '.repeat(500)],
  ['one letter a line', 'a\n'.repeat(500)],
  ['an endless word', 'x'.repeat(50_000)],
  ['labels only', 'A: .\n'.repeat(50)],
  ['tags only', '{disfmarker}\n'.repeat(50)],
  ['one symbol', '?'],
])('gives something for %s', async (_, text) => {
  const { summary } = await run(text);
  expect(summary.trim()).not.toBe('');
  expect(summary.length).toBeLessThan(700);
  expect(summary.isWellFormed()).toBe(true);
});

const languages: Record<string, string> = {
  German: `Der alte Hafen der Stadt wurde im Jahr 1832 von Dr. Anton Weber gebaut. Stürme kosteten die Stadt jeden Winter
ein Schiff. Eine Mauer aus Granit schützt den Hafen heute vor den Stürmen. Es gibt gutes Brot. Die Stadt bezahlt den Hafen
mit einer Steuer auf jedes Boot. Die Fischer finden die Steuer zu hoch.`,
  Russian: `Старый порт города построил в 1832 году инженер А. С. Вебер. Каждую зиму бури стоили городу одного корабля.
Сегодня гранитная стена защищает порт от бурь. Здесь вкусный хлеб. Город платит за порт налогом на каждую лодку. Рыбаки
считают налог слишком высоким.`,
  Arabic: `بنى تجار المدينة الميناء القديم قبل مئة عام. كانت العواصف تكلف المدينة سفينة كل شتاء. يحمي جدار من الحجر الميناء
من العواصف اليوم. الخبز هنا لذيذ. تدفع المدينة ثمن الميناء بضريبة على كل قارب. يرى الصيادون أن الضريبة عالية جدا.`,
  Hindi: `शहर का पुराना बंदरगाह व्यापारियों ने सौ साल पहले बनाया था। तूफान हर सर्दी में शहर का एक जहाज ले जाते थे। आज पत्थर की
दीवार बंदरगाह को तूफान से बचाती है। यहाँ रोटी अच्छी है। शहर हर नाव पर कर लेकर बंदरगाह का खर्च चलाता है। मछुआरे कर को बहुत
ऊँचा मानते हैं।`,
  Spanish: `El viejo puerto de la ciudad fue construido por los comerciantes hace cien años. Cada invierno las tormentas le
costaban un barco a la ciudad. Hoy un muro de piedra protege el puerto de las tormentas. Aquí el pan es bueno. La ciudad
paga el puerto con un impuesto sobre cada barco. Los pescadores creen que el impuesto es demasiado alto.`,
  Turkish: `Şehrin eski limanını yüz yıl önce tüccarlar yaptı. Fırtınalar her kış şehre bir gemiye mal olurdu. Bugün taştan
bir duvar limanı fırtınalardan korur. Burada ekmek güzeldir. Şehir limanın parasını her tekneden aldığı vergiyle öder.
Balıkçılar verginin çok yüksek olduğunu düşünüyor.`,
  Greek: `Το παλιό λιμάνι της πόλης το έχτισαν οι έμποροι πριν από εκατό χρόνια. Κάθε χειμώνα οι καταιγίδες κόστιζαν στην
πόλη ένα πλοίο. Σήμερα ένας πέτρινος τοίχος προστατεύει το λιμάνι από τις καταιγίδες. Το ψωμί εδώ είναι καλό. Η πόλη
πληρώνει το λιμάνι με έναν φόρο σε κάθε πλοίο. Οι ψαράδες βρίσκουν τον φόρο πολύ υψηλό.`,
  Hebrew: `את הנמל הישן של העיר בנו סוחרים לפני מאה שנה. בכל חורף הסערות עלו לעיר באונייה אחת. היום קיר אבן מגן על הנמל
מפני הסערות. הלחם כאן טעים. העיר משלמת על הנמל במס על כל סירה. הדייגים חושבים שהמס גבוה מדי.`,
  Persian: `بندر قدیمی شهر را بازرگانان صد سال پیش ساختند. طوفان‌ها هر زمستان یک کشتی از شهر می‌گرفتند. امروز دیواری سنگی
بندر را از طوفان‌ها نگه می‌دارد. نان اینجا خوشمزه است. شهر هزینهٔ بندر را با مالیات بر هر قایق می‌پردازد. ماهیگیران
می‌گویند مالیات خیلی زیاد است.`,
  Thai: `ท่าเรือเก่าของเมืองนี้สร้างโดยพ่อค้าเมื่อหนึ่งร้อยปีก่อน ในอดีตพายุทำให้เมืองสูญเสียเรือหนึ่งลำทุกฤดูหนาว วันนี้กำแพงหินช่วยปกป้องท่าเรือของเมืองจากพายุ
ขนมปังที่นี่อร่อยมากและราคาไม่แพงสำหรับทุกคน เมืองจ่ายค่าท่าเรือด้วยภาษีจากเรือทุกลำที่เข้ามา ชาวประมงคิดว่าภาษีของท่าเรือในเมืองนี้สูงเกินไป`,
  Chinese: `这座城市的老港口是一百年前由商人建造的。过去每年冬天，风暴都会让城市失去一艘船。今天，一道石墙保护港口不受风暴袭击。
这里的面包很好吃。城市对每艘进港的船收税来维护港口。渔民认为港口的税太高了。`,
  Japanese: `町の古い港は百年前に商人たちによって建てられました。昔は毎年冬の嵐で町は船を一隻失いました。今は石の壁が嵐から港を守って
います。ここのパンはおいしいです。町は港に入るすべての船に税をかけています。漁師たちは税が高すぎると言っています。`,
  Korean: `도시의 오래된 항구는 백 년 전에 상인들이 지었습니다. 예전에는 겨울마다 폭풍 때문에 도시가 배를 한 척씩 잃었습니다. 오늘날
돌벽이 폭풍으로부터 항구를 지킵니다. 여기 빵은 맛있습니다. 도시는 항구에 들어오는 모든 배에 세금을 매깁니다. 어부들은 세금이 너무
높다고 말합니다.`,
};

test.each(Object.entries(languages))('summarizes %s in whole sentences', async (_, text) => {
  const tidy = splitSentences(text.replace(/\n/g, /[\u3040-\u9fff]/.test(text) ? '' : ' '));
  expect(tidy).toHaveLength(6);
  const { summary, inputTokens, outputTokens } = await run(text, { maxTokens: 40 });
  const chosen = splitSentences(summary);
  for (const sentence of chosen) expect(tidy).toContain(sentence);
  expect(chosen.length).toBeGreaterThan(1);
  expect(outputTokens).toBeLessThanOrEqual(30);
  expect(inputTokens).toBeGreaterThan(30);
});

test.each(['paragraph', 'bullets'] as const)('sends the whole summary at once: %s', async (format) => {
  const { context, outputs, logs } = testContext();
  const { summary } = await summarize({ text: harbour, minTokens: 1, maxTokens: 60, format }, context);
  expect(outputs).toEqual([summary]);
  expect(logs).toEqual(['the text has 108 words in 10 sentences']);
});

test('reports its stages in order, with a ratio that never falls', async () => {
  const { context, reports } = testContext();
  await summarize({ text: harbour.repeat(300), minTokens: 1, maxTokens: 40, format: 'paragraph' }, context);
  const ratios = reports.map(({ ratio }) => ratio);
  expect(ratios).toEqual(ratios.toSorted((a, b) => a - b));
  expect(ratios[0]).toBe(0);
  expect(ratios.at(-1)).toBeLessThanOrEqual(1);
  expect([...new Set(reports.map(({ stage }) => stage))]).toEqual(['reading', 'ranking', 'selecting']);
});

test.each(['reading', 'ranking', 'selecting'])('stops while %s, with the reason of the signal', async (stage) => {
  const reason = new Error('nobody wants it');
  const controller = new AbortController();
  const stages: string[] = [];
  const report = (progress: Progress) => {
    stages.push(progress.stage);
    if (progress.stage === stage) controller.abort(reason);
  };
  const request = { text: harbour, minTokens: 1, maxTokens: 40, format: 'paragraph' } as const;
  const { context, outputs } = testContext({ report, signal: controller.signal });
  await expect(summarize(request, context)).rejects.toBe(reason);
  expect(outputs).toEqual([]);
  expect(stages.at(-1)).toBe(stage);
});

test('does not start on an aborted signal', async () => {
  const report = () => expect.unreachable();
  const { context } = testContext({ report, signal: AbortSignal.abort('x') });
  const request = { text: harbour, minTokens: 1, maxTokens: 40, format: 'paragraph' } as const;
  await expect(summarize(request, context)).rejects.toBe('x');
});
