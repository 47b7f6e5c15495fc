/**
 * Words that end in a full stop without ending a sentence, lower case, without that stop. Only words that are hardly
 * ever the last of a sentence: "etc." and "Inc." are left out because a capital after them nearly always starts one.
 */
export const abbreviations: ReadonlySet<string> = new Set(
  [
    // English
    'dr mr mrs ms messrs prof rev hon gov gen sen rep col capt lt sgt cmdr adm maj st mt ft vs viz cf approx dept est',
    // German
    'hr fr frl dipl ing mag bzw ca evtl ggf inkl sog vgl zzgl bspw str',
    // French, Italian, Spanish, Portuguese
    'mme mmes mlle mgr me sig sigg dott avv sr sra srta sres dra dres ud uds avda pág págs núm exmo exma prof profa',
    // Dutch, Scandinavian, Polish, Czech
    'dhr mevr drs bijv enz bl.a f.eks t.ex tzw np ul tzn tj např',
    // Russian, Ukrainian, Bulgarian, Greek, Turkish
    'г гг ул им стр рис тов проф акад св напр др κ κα δρ αρ σελ βλ πχ sn doç',
  ].flatMap((line) => line.split(' ')),
);

/** The same, but only before a number: "No. 5", "Abb. 2", "рис. 3". */
export const beforeNumbers: ReadonlySet<string> = new Set(
  'no nos nr nrs fig figs vol p pp art ch sec eq ed par abs abb s kap tab bd z núm n nº p pág cap vol гл с № п ст'.split(
    ' ',
  ),
);

/** What follows a German ordinal: "am 3. Oktober", "im 19. Jahrhundert". */
export const afterOrdinals: ReadonlySet<string> = new Set(
  (
    'januar jänner februar märz april mai juni juli august september oktober november dezember jahrhundert ' +
    'jahrhunderts jahrestag geburtstag'
  ).split(' '),
);

/** Words that start sentences and hardly ever follow an initial: they tell "vitamin C. The" from "J. Smith". */
export const sentenceStarters: ReadonlySet<string> = new Set(
  (
    'a an the this that these those it he she we you they there in on at as if when but and so however what who why how ' +
    'der die das ein eine es er sie wir ich und aber le la les un une il elle ils nous el los las en y pero ' +
    'в на и но он она они мы это'
  ).split(' '),
);
