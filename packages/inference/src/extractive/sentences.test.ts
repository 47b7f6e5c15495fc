import { expect, test } from 'vitest';
import { splitSentences } from './sentences.ts';

/** Sentences are separated by "|" here, and by what the language puts there in the text that is split. */
const cases: Record<string, [text: string, space?: string]> = {
  'English titles and initials': ['Dr. Smith met J. R. Smith, e.g. in Paris, at 3.5 km.|Was it 5 p.m. by then?|No.'],
  'English acronyms': ['He joined the U.S. Army in May.|He left the U.S.|The end came soon.'],
  'a letter at the end': ['Oranges have vitamin C.|The peel has more.|So do I.|Nobody knew.'],
  'English quotations': ['"Go away!" he said.|"Why?"|She left.|(Nobody saw it.)|It was 1999.|Then came 2000.'],
  numbers: ['See No. 5 and Fig. 3 of it.|He said no.|Five came.'],
  'text without capitals': ['how are you?|i am fine.|thanks for asking...|it works!'],
  German: ['Am 3. Oktober kam Herr Dr. Müller z. B. nach Bonn, bzw. Köln.|Er blieb bis zum 4. Mai.|Dann ging er.'],
  French: ['M. Dupont est arrivé avec Mme. Durand.|Il a dit : « Bonjour ! » et il est parti.|Pourquoi ?|Nul ne sait.'],
  Spanish: ['El Sr. López llegó ayer.|¿Cuándo se va?|¡Hoy mismo!|La Dra. Ruiz se queda.'],
  Russian: ['А. С. Пушкин родился в 1799 г. в Москве.|Он жил на ул. Арбат.|Кто его не знает?'],
  Greek: ['Τι κάνεις;|Είμαι καλά, ευχαριστώ.|Εσύ;|Κι εγώ.'],
  Arabic: ['هل أنت بخير؟|نعم، شكرا لك.|ذهبت إلى المدرسة.'],
  Hebrew: ['מה שלומך?|אני בסדר.|הלכתי לבית הספר.'],
  Hindi: ['मैं घर जा रहा हूँ।|तुम कहाँ हो?|सब ठीक है।'],
  Bengali: ['শহরের পুরনো বন্দরটি একশো বছর আগে তৈরি হয়েছিল।|কে বানিয়েছিল?|ঝড় প্রতি শীতে একটি জাহাজ নিয়ে যেত।'],
  Urdu: ['شہر کی پرانی بندرگاہ سو سال پہلے بنی تھی۔|کیا آپ اسے جانتے ہیں؟|طوفان ہر سال ایک جہاز لے جاتے تھے۔'],
  Persian: ['بندر قدیمی شهر صد سال پیش ساخته شد.|آیا آن را می‌شناسید؟|طوفان‌ها هر زمستان یک کشتی می‌بردند.'],
  Amharic: ['የከተማው አሮጌ ወደብ ከመቶ ዓመት በፊት ተሠራ።|ማዕበል በየክረምቱ አንድ መርከብ ይወስድ ነበር።'],
  Armenian: ['Քաղաքի հին նավահանգիստը կառուցվել է հարյուր տարի առաջ։|Փոթորիկները ամեն ձմեռ մի նավ էին տանում։'],
  Georgian: ['ქალაქის ძველი ნავსადგური ასი წლის წინ ააშენეს.|ქარიშხალი ყოველ ზამთარს ერთ გემს იტაცებდა.'],
  Khmer: ['កំពង់ផែចាស់នៃទីក្រុងត្រូវបានសាងសង់មួយរយឆ្នាំមុន។|ព្យុះបានយកកប៉ាល់មួយរៀងរាល់រដូវរងារ។'],
  Chinese: ['今天天气很好。|我们去公园吧！|“你来吗？”|他说不来。', ''],
  Japanese: ['今日は天気がいいです。|公園へ行きましょう！|「本当？」|はい。', ''],
  Korean: ['저는 학생입니다.|당신은 누구세요?|반갑습니다!'],
  Thai: [
    'ประเทศไทยตั้งอยู่ในเอเชียตะวันออกเฉียงใต้|มีประชากรประมาณเจ็ดสิบล้านคนในปัจจุบันตามรายงาน|เมืองหลวงคือกรุงเทพมหานครซึ่งเป็นเมืองที่ใหญ่ที่สุด',
  ],
};

test.each(Object.entries(cases))('%s', (_, [text, space = ' ']) => {
  expect(splitSentences(text.replaceAll('|', space))).toEqual(text.split('|'));
});

test('cuts dictation without any full stop at its clauses, and loses nothing', () => {
  const clause = 'we went to the market and bought apples and pears and plums and cherries and a great deal of bread,';
  const text = `${clause} ${clause} `.repeat(8).trim();
  const sentences = splitSentences(text);
  expect(sentences.length).toBeGreaterThan(4);
  expect(Math.max(...sentences.map(({ length }) => length))).toBeLessThan(300);
  expect(sentences.every((sentence) => sentence.endsWith(','))).toBe(true);
  expect(sentences.join(' ')).toBe(text);
});

test('gives lone marks to the sentence before them', () => {
  expect(splitSentences('” he said. Then he left.')).toEqual(['” he said.', 'Then he left.']);
  expect(splitSentences('He left. … "')).toEqual(['He left. … "']);
  expect(splitSentences('Great! 🎉 Next.')).toHaveLength(2);
});
