/** Words that say nothing of what is looked for: those of every language's grammar, and those with which people ask and files tell what
 * they are. Written as they stand in texts. */
export const stopWords: ReadonlySet<string> = new Set(
  `a an the and or but nor so yet if then else than that this these those there here it its itself is are was were be been being am
  do does did done doing have has had having will would shall should can could may might must ought of in on at by for from to into onto
  with without within about above below over under between among through during before after against as up down out off again further
  i me my mine myself we us our ours ourselves you your yours yourself he him his she her hers they them their theirs who whom whose
  which what when where why how all any both each few more most other others some such no not only own same too very just also
  please want wants wanted need needs needed like help helps me let lets get gets got getting give gives make makes making made
  somebody someone something anything anyone everything everyone everybody thing things stuff way ways kind lot lots bit
  use uses used using via per etc eg ie vs im ive id dont doesnt isnt cant wont ill youre theyre
  now ever never always still already really actually quite even ask asked asks tell tells know knows knew think try trying tries
  go goes going gone come comes put puts keep keeps kept take takes took look looks looking work works working
  one two three first second new old good bad better best own able whether while because since until once many much every
  figure find finds found show shows say says said does whats theres`.split(/\s+/),
);

/** Words of everyday speech that tell little of what is looked for, however seldom they stand in texts: they count, but not for much. */
export const weakWords: ReadonlySet<string> = new Set(
  `hour hours minute minutes second seconds day days week weeks month months year years today tomorrow yesterday tonight night morning
  time times long longer short shorter big bigger small smaller large larger huge tiny little high higher low lower nice great real right
  wrong different same next last previous former early late soon sometimes often always usually again nearly almost enough too
  three four five six seven eight nine ten twenty fifty hundred thousand million several few couple half double many
  people person persons man woman folks guy guys friend friends team company firm business office
  page pages site stuff place places side part parts piece pieces end start begin beginning top bottom middle
  happen happens happened happening come coming came turn turns turned move moves moving change changes changed stop stops stopped
  see sees seen saw hear heard feel feels felt seem seems mean means meant let become becomes stay stays leave leaves left
  run runs running set sets setting add adds adding write writes writing written build building built create creates creating make
  check checks checking handle handles handling improve improves improving fix fixes fixing support supports understand
  easy easier easily hard harder simple simply quick quickly fast properly correctly automatically together alone
  whole entire complete full empty ready done finished current currently existing possible sure important main common
  problem problems issue issues question questions answer answers reason idea example examples case cases result results
  single expert specialist pro someone master`.split(/\s+/),
);
