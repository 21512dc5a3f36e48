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
  time times long longer short shorter big bigger small smaller large larger huge tiny little high higher low lower nice great real
  right wrong different same next last previous former early late soon sometimes often always usually again nearly almost enough too
  three four five six seven eight nine ten twenty fifty hundred thousand million several few couple half double many people person
  persons man woman folks guy guys friend friends team company firm business office page pages site stuff place places side part parts
  piece pieces end start begin beginning top bottom middle happen happens happened happening come coming came turn turns turned move
  moves moving change changes changed stop stops stopped see sees seen saw hear heard feel feels felt seem seems mean means meant let
  become becomes stay stays leave leaves left run runs running set sets setting add adds adding write writes writing written build
  building built create creates creating make check checks checking handle handles handling improve improves improving fix fixes fixing
  support supports understand easy easier easily hard harder simple simply quick quickly fast properly correctly automatically together
  alone whole entire complete full empty ready done finished current currently existing possible sure important main common problem
  problems issue issues question questions answer answers reason idea example examples case cases result results single expert
  specialist pro someone master another else everywhere anywhere somewhere nowhere anyway anyhow otherwise instead rather besides
  except despite across along around away back forward ahead behind beside beyond near far inside outside apart aside forever ago yet
  once twice maybe perhaps probably likely hopefully suddenly finally eventually recently lately nowadays meanwhile afterwards
  immediately exactly roughly basically clearly certainly completely totally entirely mostly mainly partly slightly highly deeply fully
  truly badly nicely neatly smoothly wrongly safely reliably regularly constantly frequently rarely seldom hardly barely appear appears
  appeared arrive arrives arrived begins began bring brings brought called carry carries catch catches caught choose chooses chose
  closed cover covers deal deals decide decides depend depends die dies eat eats ends enter enters expect expects explain face faces
  fail fails fall falls fell fill fills fit fits follow follows gather gathers grow grows grew guess hang hate hates hide hides hit
  hits hold holds hope hopes join joins jump kill kills lay lead learn lie like likes live lives lose loses lost love loves manage
  manages matter matters meet meets miss misses missing offer offers opens own owns pass passes pick picks play plays point points
  prefer prefers prepare prepares pulls pushes reach reaches react receive receives recommend remain remains remember replace reply
  require requires return returns rise send sends sent serve shares sit sits solve solves sort sorts spend stand stands stick suggest
  suppose switch throw throws touch touches treats trust wait waits wake walk walks wash watch watches wear win wins wish wonder worry
  worries able afraid alive angry bad basic beautiful bored boring brief bright broad broken busy calm careful certain cheap clean
  clear clever cold comfortable confused correct crazy curious daily dark dead decent deep difficult dirty dry due dumb equal evil
  exact excellent exciting extra fair familiar famous fancy fine flat foreign free fresh friendly fun funny general gentle glad good
  happy heavy helpful honest hot hungry ill interesting lazy lonely loud lovely lucky mad modern mysterious narrow neat nervous normal
  odd ok okay old outdated overall perfect personal plain pleasant polite poor popular precise pretty proper proud pure quiet random
  rare reasonable regular reliable rich rough round rude sad safe serious sharp shiny shy sick silly similar slow smart smooth soft
  solid special stable standard strange strict strong stupid successful sudden suitable super surprised sweet tall terrible thick thin
  tidy tight tired tough tricky typical ugly unclear unhappy unique unusual upset urgent useful useless usual various vast warm weak
  weird wet wide wild wise wonderful worse worst worth young afternoon age amount area attention bit blood body box boy bunch cause
  chance class colleague colleagues country course cup date degree desk detail details difference direction door doubt dozen earth
  effort everybody evening experience fact fault father favor feeling fellow field folk foot future girl glass goal ground group hall
  hand hands head heart help hint interest item items kind knowledge lack level life line list luck maximum measure mind minimum
  mistake mom moment mood mother mouth nature need neighbor noise nobody none opinion option parent past path percent period plenty
  position purpose rest rule scene secret sense shape show sign situation size skin sky sleep spot stage step steps stone street
  subject success summer sun system taste term thanks thought thousands topic town trick trouble truth try unit use value visit wall
  weekend wife wind winter wood word words world yard`.split(/\s+/),
);
