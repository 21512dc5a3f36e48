// The words of software work that stand for each other, and the everyday words people ask in. Data: a group a line.
// `a, b, c`: each stands for the others. `a, b > c, d`: who asks for the first may mean the latter, not the other way round.
// General vocabulary alone: what one collection calls its own has no place here.
export const synonymGroups = `
// --- short for -------------------------------------------------------------------------------------------------------------
kubernetes, k8s, kube
javascript, js, ecmascript
typescript, ts
python, py
ruby, rb
golang, go lang
golang > go
rust, rustlang
csharp, c sharp
dotnet, asp net, csharp
cpp, c plus plus
objective c, objc
kotlin, kt
nodejs, node
nextjs, next js
vuejs, vue
reactjs, react
angular, angularjs
svelte, sveltekit
postgres, postgresql, psql, pg
mongo, mongodb
mysql, mariadb
mssql, sql server, sqlserver
elasticsearch, elastic, opensearch
dynamo, dynamodb
database, db, datastore, rdbms
sql, query, relational
nosql, document database
authentication, auth, login, signin, sign in, authn
authorization, authz, permission, access control, rbac
oauth, oauth2, oidc, openid, sso, single sign on
jwt, token, bearer
mfa, 2fa, two factor, multi factor
password, credential, passphrase
secret, credential, vault, api key
environment variable, env, dotenv
configuration, config, settings, setup
repository, repo
pull request, pr, merge request, mr
continuous integration, ci, ci cd, cicd, pipeline
continuous delivery, continuous deployment, cd, ci cd, cicd
infrastructure as code, iac, terraform, opentofu, pulumi, cloudformation
terraform, opentofu
site reliability, sre, reliability
observability, o11y, monitoring, telemetry
accessibility, a11y, wcag, aria, inclusive, screen reader
internationalization, i18n, l10n, translation, multilingual
internationalization, i18n, l10n, translation, multilingual > localization
user interface, ui, frontend
user experience, ux, usability
developer experience, dx
frontend, front end, client side
backend, back end, server side
fullstack, full stack
api, endpoint, interface
rest, restful
graphql, gql
grpc, protobuf, rpc
websocket, socket, realtime, real time
machine learning, ml
artificial intelligence, ai
ai, llm, ml
llm, language model, large language model, gpt, genai, generative ai
natural language processing, nlp
retrieval augmented generation, rag
deep learning, neural network, neural
embedding, vector, semantic search, similarity search
vector database, vector store, pgvector, pinecone
computer vision, image recognition
fine tuning, finetuning, finetune, lora, sft
reinforcement learning, rl
quantization, quantized, int8, int4, gguf
amazon web services, aws
google cloud, gcp
azure, microsoft azure
lambda, serverless, faas, function as a service
virtual machine, vm, instance
container, docker, podman, oci
dockerfile, docker, container image
helm, helm chart
gitops, argocd, flux
ansible, configuration management
load balancer, nginx, haproxy, reverse proxy
cdn, edge, cloudfront
dns, domain name
tls, ssl, https, certificate
vpn, tunnel, wireguard
mtls, mutual tls
service mesh, istio, linkerd
message queue, queue, broker, kafka, rabbitmq
kafka, event streaming, stream
publish subscribe, pubsub, event driven
event sourcing, event store, cqrs
microservice, micro service, service oriented
monolith, monolithic
domain driven design, ddd, bounded context
test driven development, tdd, red green refactor
behavior driven development, bdd, cucumber, gherkin
end to end, e2e, playwright, cypress, selenium
quality assurance, qa, testing
unit test, unit testing, test suite
pytest, python testing
jest, vitest, javascript testing
static analysis, sast, linter, lint
dynamic analysis, dast
dependency, package, library, module, third party
vulnerability, cve, weakness, security hole, exploit
software bill of materials, sbom
penetration test, pentest, penetration testing, ethical hacking
threat model, threat modeling, stride, attack tree
cross site scripting, xss
csrf, cross site request forgery
sql injection, injection
owasp, web security, application security
denial of service, ddos, dos
reverse engineering, decompile, disassemble, binary analysis
malware, virus, trojan, ransomware
incident, outage, downtime, sev1
postmortem, post mortem, retrospective, incident review
runbook, playbook, procedure
service level objective, slo, sli, sla, error budget
root cause, rca
documentation, docs, doc, document
readme, documentation
architecture decision record, adr
openapi, swagger, api spec, api documentation
changelog, release notes
specification, spec, requirement
product manager, product owner, pm
product requirements, prd, requirement
minimum viable product, mvp
key performance indicator, kpi, metric
objectives and key results, okr
search engine optimization, seo
customer relationship management, crm
user story, story, backlog
standup, stand up, daily, status update
a b test, ab test, experiment, split test
etl, elt, data pipeline, ingestion
data warehouse, warehouse, snowflake, bigquery, redshift, lakehouse
dbt, transformation
airflow, dagster, workflow orchestration, dag
spark, pyspark, big data
business intelligence, bi, dashboard, report
exploratory data analysis, eda
data science, data scientist, statistics
blockchain, web3, crypto
smart contract, solidity, ethereum, contract
nft, erc721, erc1155, non fungible
defi, decentralized finance
firmware, embedded, microcontroller, mcu
arm, cortex, stm32
internet of things, iot
gdpr, privacy, data protection, personal data
hipaa, health data, phi
pci, pci dss, card data
soc2, compliance, audit
point of sale, pos
game, gaming, unity, unreal, godot
augmented reality, ar, virtual reality, vr
command line, cli, terminal, shell
bash, shell, sh, shell script
powershell, windows
regular expression, regex
object relational mapping, orm, prisma, sqlalchemy
dataframe, pandas, polars
cron, scheduler, scheduled job, schedule
background job, worker, task queue, celery, sidekiq
cache, caching, redis, memcached
garbage collection, gc
central processing unit, cpu
memory leak, leak
concurrency, concurrent, parallelism, multithreading, thread
async, asyncio, asynchronous, await
monorepo, workspace, turborepo, nx, lerna
package manager, npm, yarn, pnpm, pip
uv, pip, python package
bazel, build system
webpack, vite, bundler, rollup
css, stylesheet, styling, style
tailwind, tailwindcss, utility css
html, markup
design system, component library, design token
wireframe, mockup, prototype, figma
state management, redux, zustand
progressive web app, pwa
single page application, spa
server side rendering, ssr
react native, expo
model context protocol, mcp
agent, subagent, assistant
prompt, prompting, prompt engineering
chatbot, chat bot, assistant
speech, voice, audio
ocr, document extraction, text recognition
pdf, document
spreadsheet, excel, csv, xlsx
presentation, slide, deck, powerpoint
diagram, mermaid, flowchart, uml, chart
git, version control, vcs
branch, worktree
rebase, cherry pick, bisect, git history
commit, commit message, conventional commit
code review, review, reviewer
refactor, refactoring, cleanup, restructure
technical debt, tech debt, code smell
legacy, outdated, old code, modernize
migration, migrate, upgrade, port
deprecated, obsolete
boilerplate, scaffold, scaffolding, starter, template, skeleton, generator
type safety, typing, type checking, static typing
type hint, typing, mypy
error handling, exception, retry
debug, debugging, troubleshoot, diagnose
log, logging, logs
trace, tracing, distributed tracing, opentelemetry, jaeger
prometheus, metrics, alerting
grafana, dashboard, visualization
alert, alarm, pager, on call, oncall
performance, optimization, latency, throughput
optimize, optimise, tune, improve
profiling, profiler, benchmark, flamegraph
load test, load testing, stress test, k6, jmeter
scale, scaling, scalability, autoscaling
high availability, failover, redundancy, resilience
disaster recovery, backup, restore
rollback, revert, undo, compensating, compensation
deployment, deploy, release, rollout, ship
blue green, canary, zero downtime, progressive delivery
feature flag, feature toggle, rollout
rate limit, rate limiting, throttle, throttling, quota
circuit breaker, resilience, fallback
idempotent, idempotency, exactly once
saga, distributed transaction, compensating transaction
transaction, acid, consistency
schema, data model, table design
index, indexing, query plan
normalization, schema design
cost, spend, budget, finops, bill
payment, checkout, billing, stripe, paypal
subscription, recurring, recurring billing, billing
invoice, invoicing, billing
refund, chargeback, dispute
ecommerce, e commerce, shop, store, shopping cart, storefront
wordpress, cms, content management
email, mail, newsletter
notification, push notification, alert
search, retrieval, full text search
recommendation, recommender, personalization
fraud, risk
trading, quant, quantitative, algorithmic trading, backtest
risk management, risk, portfolio
financial model, forecasting, projection, valuation
fundraising, investor, pitch, venture capital, startup
market research, market sizing, tam, competitor
competitor, competitive analysis, rival
marketing, campaign, promotion, growth
content, copywriting, blog, article
social media, twitter, linkedin, instagram
sales, lead, outreach, cold email
customer support, helpdesk, ticket, customer service
human resources, hr, hiring, recruiting, recruitment, onboarding
job interview, interview, candidate
contract, agreement, legal
legal, law, lawyer, attorney, counsel
terms of service, terms, tos, privacy policy
license, licensing, open source license
policy, rule, governance
kpi dashboard, metrics
mobile, phone, smartphone, ios, android
ios, iphone, ipad, swift, swiftui, apple
android, kotlin, jetpack compose
flutter, dart, cross platform
responsive, mobile friendly, responsive design, breakpoint
dark mode, theme, theming
animation, motion, transition
desktop app, electron, tauri
browser, chrome, web
browser extension, chrome extension
scraping, scraper, crawler, web scraping
form, validation, input
upload, file upload, s3, object storage
video, streaming, ffmpeg
map, geospatial, gis, location
calendar, scheduling, booking
tutorial, guide, walkthrough, lesson, course
teach, explain, educational, mentor, learning
onboard, onboarding, getting started
meeting, agenda, minutes
project management, project manager, planning, roadmap, sprint
agile, scrum, kanban, sprint
estimate, estimation, story point
team, collaboration, colleague, coworker
code generation, codegen, generator
hash, encryption, cryptography, encrypt, cipher
key management, kms, key rotation
sandbox, isolation
network, networking, vpc, subnet, firewall
firewall, waf, security group
zero trust, least privilege
memory safety, ownership, borrow checker, unsafe
template, metaprogramming
elixir, phoenix, otp, erlang
haskell, functional programming
scala, akka, jvm
java, spring, spring boot, jvm
php, laravel, symfony
rails, ruby on rails
django, drf
fastapi, pydantic, starlette
flask, python web
express, expressjs, fastify, nestjs
julia, scientific computing
r, statistics
matlab, scientific computing
cobol, mainframe, legacy
fortran, scientific computing
assembly, asm, low level
systems programming, low level, rust, cpp
webassembly, wasm
gpu, cuda, accelerator
simulation, simulator
robotics, robot, ros
hardware, electronics, pcb, fpga, verilog
bioinformatics, genomics, biology
research, literature, paper, survey
citation, reference, bibliography
latex, academic, paper
summary, summarize, summarise, digest, tldr
proofread, grammar, editing, copyedit
knowledge base, wiki, documentation
note, notes, obsidian, notion
jira, ticket, issue tracker, issue
issue, bug, defect, fault
bug report, issue, triage
linter, eslint, ruff, biome, formatter, prettier
code style, convention, style guide, formatting, pep8
best practice, convention, guideline, standard
design pattern, pattern, clean architecture, solid
hexagonal, clean architecture, ports and adapters, onion architecture
dependency injection, inversion of control
api gateway, gateway, proxy
webhook, callback, event handler
versioning, semver, api version
pagination, paging, cursor
mock, stub, fake, test double, fixture
coverage, code coverage, test coverage
flaky, flaky test, nondeterministic
mutation testing, mutation
property based, fuzz, fuzzing, quickcheck
snapshot, golden
regression, regression test
visual regression, screenshot
smoke test, sanity check, health check
contract test, pact
chaos engineering, fault injection, resilience testing
data quality, validation, great expectations
data lineage, catalog, governance
feature engineering, feature store
model training, training, train
model serving, inference, serving, deployment
mlops, model deployment, ml pipeline, experiment tracking
evaluation, eval, benchmark, assess
hallucination, grounding, factuality
guardrail, safety, moderation, content filter
agent orchestration, multi agent, orchestration, coordination
context window, context management, memory
token usage, token cost, token budget
workflow, process, procedure, pipeline
automation, automate, automatic, script
integration, integrate, connect, connector
// --- what people say > what files say ---------------------------------------------------------------------------------------
slow, sluggish, laggy, lag, takes forever, too long, crawl > performance, optimization, latency, bottleneck, profiling
fast, faster, quick, quicker, speed, speed up, snappy, snappier, snappiness, zippy > performance, optimization, latency, caching, speed
heavy traffic, many users, million users, high load, black friday, spike, surge > scalability, load, performance, throughput, load testing
heavy load, under load > load testing, performance, scalability
hang, hangs, freeze, freezes, stuck, deadlock, unresponsive > debugging, concurrency, deadlock, async
crash, crashes, crashing, crashed, dies, died, falls over, blows up, segfault > debugging, troubleshoot, incident, error, root cause
broken, broke, breaks, will not start, does not start, does not work, not working, stopped working, fails, failing, failure > debugging, error, troubleshoot
wrong, weird, strange, odd, mysterious > debugging, root cause, error
find out why, figure out why, what went wrong, reason > root cause, debugging, troubleshoot, diagnose, investigate
fix, repair, mend, solve, resolve > debugging, fix, error
pod, pods > kubernetes, container
production, prod, live > incident, deployment, production
out of memory, oom, memory usage > memory leak, profiling
blind, visually impaired, disabled, disability, deaf, handicapped, wheelchair > accessibility, wcag, screen reader
blind people, blind users, colour blind, color blind, keyboard only > accessibility, wcag, screen reader
unusable, hard to use, confusing, clunky > usability, ux, accessibility
ancient, old, dated, dusty, antiquated, decades old, archaic > legacy, modernize, migration
modern, current, up to date, contemporary > modernize, migration, upgrade
rewrite, convert, turn into, move from, switch from, replace > migration, modernize, refactoring
messy, spaghetti, ugly code, mess, unreadable, tangled > refactoring, technical debt, clean code, cleanup
tidy, tidy up, clean, clean up > refactoring, cleanup
attacker, hacker, adversary, bad guys, intruder, hackers > threat, threat model, security, attack, penetration test
hacked, breach, breached, compromised, break in > incident response, security, forensics
hole, holes, loophole > vulnerability, security
safe, secure, harden, lock down > security, hardening, secure
leak, leaking, leaked, exposed > secret, security, leak
suspicious, shady, malicious, infected > malware, analysis, forensics, threat
exe, executable, dll > binary, malware, reverse engineering
delete everything, forget me, right to be forgotten, erase, erasure, delete my data, remove my data > gdpr, privacy, data deletion, data subject
everything we know about, personal information, private data, our users data, pii > gdpr, privacy, personal data
cookie banner, consent > gdpr, privacy, consent
privacy, confidential, private > gdpr, privacy, data protection
charge, charging, bill customers, collect money, get paid, monthly fee > billing, payment, stripe, subscription
every month, monthly, each month, yearly > recurring, subscription
client > customer
card, credit card, debit card, cards > payment, stripe, pci
money, cash, price, expensive, cheap, cheaper > cost, cost optimization, payment, pricing
save money, reduce cost, cut cost, cut spending, lower our bill > cost optimization, cloud cost, finops
cloud bill, aws bill, hosting bill, bill too high > cost optimization, cloud cost, finops, cost
cut, reduce, lower, shrink, trim > reduce, optimize, optimization
shop, store, web shop, online shop, sell online > ecommerce, payment, checkout, storefront
purchase, buy, buying, bought > order, payment, checkout, transaction
half finished, half done, partially completed, incomplete, partial failure > compensating transaction, rollback, saga, distributed transaction
reverse, undo, take back, roll back, cancel > rollback, revert, compensating, compensation, undo
several services, multiple services, one system, across services > distributed, microservice, distributed transaction
own documents, our documents, my documents, company documents, our files, knowledge > rag, retrieval, embedding, vector
answer questions, question answering, ask questions, q and a > rag, retrieval, question answering, chatbot, chat
chat with > rag, chatbot, retrieval
chatbot > rag, llm, conversational
colleague, colleagues, coworkers, teammates, the team > team, standup, communication, collaboration
yesterday, what i did, what i finished, what i have done, progress report > standup, status update, daily, progress
tell my colleagues, status report, report progress > standup, status update, communication
boss, manager, management, stakeholders, executives > stakeholder, report, executive, communication
write up, writeup, report > documentation, report, postmortem
blameless > postmortem, incident review
explain to newcomers, new hires, newcomer, beginner, junior > onboarding, tutorial, documentation
learn, teach me, lesson, student > tutorial, learning, educational
describe, write down, explain how > documentation
picture, image, photo, drawing, illustration > image, diagram, visual
draw, visualize, visualise, sketch > diagram, visualization, chart
pretty, beautiful, nice looking, good looking, look and feel > design, ui, styling, visual design
looks bad, looks ugly, ugly > ui design, styling, visual design
button, menu, screen, page, layout > ui, component, frontend
website, web site, site, webpage, web page, homepage, landing page > web, frontend, website, page
app, application, program > application, app
phone, phones, tablet, handset > mobile, responsive, ios, android
works on phones, small screen, on mobile > responsive, mobile
google ranking, rank on google, found on google, search results, google > seo, search engine optimization
visitor, visitors, traffic > seo, analytics, traffic, conversion
advert, ads, advertising, advertise > marketing, campaign
words, wording, text, writing > copywriting, content, writing
blog post, article > content, copywriting, blog, seo
numbers, figures, stats > data analysis, statistics, metrics
predict, prediction, forecast, guess the future > forecasting, machine learning, prediction, time series
data, dataset, records > data
messy data, dirty data, bad data > data quality, cleaning, validation
train a model, teach a model > training, fine tuning, machine learning
tuned model, fine tuned > fine tuning, lora, model
run on a laptop, runs on a laptop, smaller model, run locally, local model > quantization, quantized, gguf, local inference
laptop, edge device, raspberry pi > local, embedded, edge
test, tests, check, verify > testing, test, verification
try out, experiment, trial > experiment, prototype, ab test
failing test first, failing tests first, test first, tests first, tests before code > tdd, test driven development, red
make sure it works, prove it works, does it work > testing, verification, validation
click through, browser test, test in browser > e2e, playwright, testing
find bugs, hunt bugs > debugging, code review, testing
second opinion, look over, go over, critique, feedback, inspect > review, code review, audit
check my code, look at my code > code review, reviewer
known cves, vulnerable packages, outdated packages, old packages > dependency audit, vulnerability, dependency, security scan
packages, libraries > dependency, package
upgrade packages, update packages, bump versions, update dependencies > dependency upgrade, dependency, upgrade
start a new, new project, from scratch, bootstrap, kick off, spin up, begin > scaffold, scaffolding, project setup, boilerplate
crate > rust, cargo, package
gem > ruby
shared cache, remote cache, build cache, incremental build > caching, build, monorepo
huge repo, big repo, big repository, one repository, several repos, large repository, many packages > monorepo, workspace, build
build, builds, compile, compilation > build, build system
minting, mint > nft, token
coin, wallet, ledger > blockchain, crypto
schema change, alter table, add a column, change the table > migration, database migration, schema
without downtime, zero downtime, no downtime, no interruption > zero downtime, migration, blue green, rolling
go live, publish, put online, push to production, roll out > deployment, release
bad release, bad deploy > rollback, deployment
server, servers, machine > server, infrastructure
host, hosting > deployment, cloud, infrastructure
cloud > aws, azure, gcp, cloud
watch, keep an eye on, see what happens, insight > monitoring, observability
woken up, wake up, at night, on call > oncall, alerting, incident
down, went down, offline, unreachable > outage, incident, downtime
emergency, urgent, crisis, fire > incident, incident response
disaster, data loss, lost data > disaster recovery, backup
password reset, log in, logging in, sign up, register, account > authentication, login, user
who may see, who can access, allowed to > authorization, access control, permission
keys, api keys, tokens, passwords > secret, secrets management, credential
job, jobs, nightly, periodically, every night > scheduler, cron, background job
long running, durable > workflow, temporal, background job
message, messages, event, events > messaging, event driven, queue
talk to each other, communicate > integration, messaging, api
third party, external service, partner > integration, api, webhook
glue, hook up, wire up, plug in > integration, connector
chip, board, sensor, device > embedded, firmware, hardware
driver > embedded, driver, firmware
assistant, bot, copilot > agent, chatbot
many agents, several agents, team of agents, swarm > multi agent, orchestration
remember, memory, forget > context, memory
picture of the system, big picture, overview, how it fits together > architecture, documentation, diagram
decide, decision, choose, choice, trade off > decision, architecture decision, adr, comparison
plan, organize, organise, prioritize, priorities > planning, roadmap, project management
idea, ideas, brainstorm > brainstorming, ideation, planning
company, business, firm > business
investor, investors, raise money, funding > fundraising, pitch, financial model, startup
hire, hiring, recruit, new employee, fire someone > hr, recruiting, onboarding, hiring
salary, payroll, vacation, leave > hr
lawyer, sue, lawsuit, court > legal
policy, terms, disclaimer > legal, policy, compliance
contract law, nda > legal, contract
stocks, shares, market, invest, investing > trading, quantitative, portfolio, finance
complaint, complaints, angry customer, unhappy > customer support
convince, persuade, pitch > sales, pitch, copywriting
translate, foreign language, languages, other languages > localization, internationalization, translation
clock, time zone > time, timezone
math, maths, equation, formula > math, statistics, scientific computing
play, player, level > game
sound, music, song > audio
film, movie, clip > video
house, home > home
doctor, patient, medical, hospital, clinic > healthcare, health, hipaa
school, teacher, classroom > education
commit that broke, bad commit, which commit > bisect, git, regression
undo a commit, lost commit, bad rebase, messed up git, detached head > git, reflog, rebase, recover
merge conflict, conflicts > git, merge, rebase
duplicate, copy paste, duplicated code > refactoring, duplication, cleanup
dead code, unused code, unused > cleanup, refactoring, dead code
understand this code, what does this do, how does this work > explain, documentation, code explanation
comment, comments, docstring > documentation, comments
type errors, types > type, typescript, typing
race condition, data race > concurrency, thread safety, debugging
too big, bloated, huge bundle, large bundle > optimization, bundle, performance
cold start > serverless, performance, latency
limit requests, too many requests, abuse > rate limiting, throttling
spam, bots > abuse, moderation, rate limiting
pii, customer data > privacy, gdpr, data protection
// --- more of the same -------------------------------------------------------------------------------------------------------
voiceover, nvda, jaws, talkback, assistive technology, screen reader
what changed, what is new, version history > changelog, release notes
resume, continue, carry on, left off, where i stopped, last session > resume, restore, context, session
save my progress, pause, park > save, context, checkpoint
why we picked, why we chose, reason for, rationale > decision record, adr, decision
ticket, tickets, inquiry, complaint > customer support, support, issue
politely, polite, friendly, tone, voice > communication, writing, tone
drift, model drift, data drift > monitoring, mlops, model monitoring
chart, charts, graph, graphs, plot, panel > dashboard, visualization, chart
google account, facebook login, social login > oauth, authentication
cold call, cold email, prospects, leads > sales, outreach
handbook, employee, employees, staff > hr, onboarding, policy
fake server, dummy server, pretend server, fake api > mock, stub, api mock
fake data, dummy data, sample data, test data > fixture, seed, mock, data generation
up to speed, newcomer, first day > onboarding
goroutine, goroutines, channel > go, concurrency
promise, promises, callback > async, javascript
hook, hooks > hooks, react
lifetime, lifetimes, borrow > rust, ownership
pointer, segfault, buffer overflow > memory safety, c, cpp
notebook, jupyter > data science, python, analysis
spreadsheet model > financial model
joins, slow query, slow queries, explain plan, n+1 > query optimization, database performance, index
replica, replication, sharding, shard, partition, partitioning > database, scalability, replication
deadlocks, lock, locks, locking > concurrency, database, transaction
rows, columns, tables, table > database, sql, schema
crawl, crawler, harvest > scraping
headless, headless browser > playwright, browser automation, e2e
pixel, screenshot, screenshots > visual, visual regression, ui
font, fonts, typography, spacing, colour, color, palette > visual design, design system, typography
icon, logo, brand, branding > brand, visual design
swipe, gesture, touch > mobile, interaction design
store listing, app store, play store > mobile, app store, deployment
push, pull, clone > git
ci fails, build fails, red build, pipeline fails > ci, debugging, pipeline
github actions, gitlab ci, jenkins, circleci > ci, pipeline, automation
yaml, manifest, manifests > kubernetes, configuration
ingress, traffic routing, traffic splitting > service mesh, gateway, kubernetes
node pool, cluster, clusters > kubernetes, cluster
autoscale, scale out, scale up > autoscaling, scalability
multi region, multi cloud, several clouds, hybrid > multi cloud, hybrid cloud, architecture
on premises, on prem, datacenter, data center > hybrid cloud, infrastructure, networking
packet, packets, routing, router, latency between > network, networking
wireshark, pcap, protocol > network, protocol analysis, reverse engineering
memory dump, disk image, evidence > forensics, memory forensics
obfuscated, packer, packed, crack > reverse engineering, binary analysis
phishing, social engineering > security, threat
secrets in git, committed a password > secrets management, security
supply chain > dependency, sbom, security
policy as code, opa, gatekeeper > policy, compliance, kubernetes security
pod security, network policy > kubernetes security
sign in with, passkey, webauthn > authentication
session, sessions, cookie, cookies > session, authentication
role based, roles, privileges > rbac, authorization, access control
deliverable, milestone, deadline, timeline > project management, planning
epic, acceptance criteria, story points > user story, backlog, requirement
persona, personas, user research, user interview > ux research, ux
funnel, conversion, churn, retention, ltv, cac > metrics, growth, analytics, startup metrics
cash flow, burn rate, runway, profit, revenue > financial model, projection, startup
income, balance sheet, accounting, bookkeeping > finance
hedge, hedging, drawdown, sharpe, volatility, value at risk, var > risk, portfolio, risk metrics
price of options, derivative > quantitative, finance
order book, backtest, strategy > trading, backtesting
swap, liquidity, staking, amm, yield > defi
token sale, ico, dao > blockchain, smart contract
gas fees, gas cost > solidity, optimization
keyword, keywords, backlink, snippet, meta description, title tag > seo
newsletter, drip, mailing list > email, marketing
tweet, tweets, post on social, hashtags > social media
slides, slide deck, pitch deck, keynote > presentation, powerpoint, pptx
pptx, powerpoint, presentation
docx, word document, office document > document
convert files, file format, convert pdf > file conversion, conversion
mermaid, plantuml, sequence diagram, er diagram, class diagram > diagram, mermaid
c4, context diagram, component diagram > architecture diagram, c4, architecture
microcopy, error message, error messages > copywriting, ux writing
game engine, shader, sprite, ecs, gameplay > game, unity, godot
mod, bukkit, spigot, paper, forge > minecraft, plugin
chunk, chunking, chunks, retriever, reranking > rag, retrieval, embedding
nearest neighbour, nearest neighbor, ann, hnsw > vector, similarity search, vector index
hybrid search, bm25 > search, retrieval
langchain, langgraph, llamaindex > llm, agent, rag
few shot, chain of thought, system prompt > prompt engineering, prompt
jailbreak, prompt injection > security, guardrail, prompt
gpu memory, vram, batch size > training, gpu
dpo, rlhf, grpo, preference > preference optimization, reinforcement learning, fine tuning
llm as judge, rubric, judge > evaluation, llm evaluation
recommend products, suggest products, recommendations > recommendation, recsys
time series, seasonality > forecasting, time series
outlier, anomalies, anomaly > anomaly detection, monitoring
survey, questionnaire > research
dag, dags > airflow, workflow orchestration, pipeline
incremental model, data mart, star schema > dbt, data warehouse, data model
lake, data lake, parquet, iceberg, delta > data engineering, lakehouse, storage
spill, shuffle, skew > spark, optimization
contract test, consumer driven > pact, api testing
fuzz, fuzzing, random input > fuzz, testing, property based
flaky test, flaky tests, intermittent > testing, debugging, flaky
test double, monkeypatch > mock, testing
pair, pairing, mob > collaboration, pair programming
handoff, hand over, shift change > on call, handoff
exactly once, outbox, inbox pattern > event driven, messaging, transaction
read model, projections, projection, replay events > cqrs, event sourcing, projection
strangler, strangler fig > legacy, migration, modernization
jquery, backbone, angularjs, class components > legacy, modernization, frontend
python 2, java 8, old version, end of life > upgrade, migration, legacy
vendor lock in, avoid lock in > multi cloud, architecture
law, regulation, regulator, rules > compliance, legal, regulation
audit, auditor > audit, compliance, security
// --- of work with computers --------------------------------------------------------------------------------------------------
loads slowly, load time, load times, loading time, takes ages, waiting, wait, response time > performance, optimization, latency, web vitals, speed
page speed, page load, loads slowly, loading > performance, web vitals, lazy loading, caching
restart, restarts, restarting, keeps restarting, crash loop, crashloop > crash, troubleshoot, kubernetes, container, debugging
misbehave, misbehaves, weirdly, acts up, unexpected, unexpectedly, surprising > debugging, root cause, troubleshoot, unexpected behavior
stack trace, traceback, exception, panic, backtrace > error, debugging, stack trace
understand, make sense of, find my way, unfamiliar code, new codebase > explain, codebase, exploration, documentation, onboarding
broke into, broke in, burglar, stolen, steal, theft, stole > breach, incident response, security, forensics
break, break on purpose, on purpose, deliberately, survive, survives, withstand, cope > resilience, chaos engineering, fault injection, failure
spaghetti code, nobody dares to touch, nobody understands, horrible code, unmaintainable, afraid to change > refactoring, legacy, technical debt, code smell
too complicated, complicated, simpler, simplify > refactoring, simplification, complexity
long functions, long methods, huge file, god class, copy pasted > refactoring, code smell
quick answers, remember answers, keep in memory, store results, same query again > caching, cache, memoization
poke, poke around, explore > exploration, codebase, exploratory
urgent fix, emergency fix, quick patch, patch, hot fix > hotfix, emergency, deployment, incident
previous version, last version, back to the previous, undo the deploy, undo the release, take back the release > rollback, deployment, revert
ship it, get it out, hand over to users, release > release, deployment
disk full, disk space, free space, running out of space, full disk > cleanup, cache, storage, disk space
download, downloads > download, file
too big to download, javascript too big, bundle too big, too much javascript > bundle size, code splitting, tree shaking, optimization
thousand users, thousands of users, thousand, many visitors, simulate users, concurrent users > load testing, scalability, virtual users, performance
simulate, imitate, pretend > simulation, mock, load testing
every user, per user, ten percent, some users, a few users, gradually, turn on, switch on, switch off, toggle > feature flag, gradual rollout, canary, targeting
quality of the code, good code, sloppy code, is my code good, code any good > code review, code quality, linter, reviewer
mistake, mistakes, flaw, flaws, oversight > error, bug, review
catch bugs, catch mistakes > linter, type checking, testing, code review
commit a password, committed a password, leaked password, password in the code, key in the repo > secret scanning, secrets, credential
guess passwords, brute force, login attempts > authentication, rate limiting, security
who is logged in, stay logged in, remember me, forgot password, sign out, logout, log out > authentication, session
two clients, many clients, tenants, tenant, several customers > multi tenant, isolation
spy, eavesdrop, intercept, snoop > encryption, tls, security
lock, locked, locks down > security, hardening
trust, trustworthy, untrusted > security, validation, zero trust
break into, get in, getting in, hack into, hack, hacking, cracker, attack, attacks > penetration test, security, vulnerability, exploit
input from strangers, user input, form input, forms > input validation, validation, injection, form
rules of the law, fined, fine, fines, penalty, regulator, authorities, regulated, inspection, certified, certification > compliance, audit, regulation, regulatory
certificate expired, padlock, not secure warning > tls, ssl, certificate
web address, website name, name my company, name for my > domain name, dns, brand
laptop setup, set up my computer, set up my machine, new computer, first run, get started locally > development environment, setup
keyboard, keystroke > keyboard, accessibility
ports, port, proxy > network, proxy
wifi, wireless, router, cable, internet connection > network, connectivity
folder, folders, directory, directories, files everywhere, downloads folder > file organization, organize, folder structure
old branches, stale branches, leftover branches, delete branches > clean branches, git, cleanup, prune
save my work, check in, check in code > commit, git
several copies, work on two things at once, two branches at once > worktree, git
who changed, who wrote, blame, when did > git history, blame
in one go, one after another, in order, step by step > workflow, orchestration, step
at the same time, simultaneously, side by side, at once, in parallel > parallel, concurrency, multi agent
by itself, without me, unattended, hands free, no manual work, by hand, repetitive, boring, tedious > automation, automate, workflow
remind, reminder, reminders > notification, schedule, task
schedule, timetable, appointments, appointment > calendar, scheduling
to do, todo, to do list, things to do, checklist > task, todo, task management
how long, how long will, how much time, how much work, effort > estimate, estimation, planning
too busy, overloaded, overworked, swamped, workload > workload, capacity, balance, resource
crew, squad, staff members, people in my group > team
late, overdue, behind schedule, on time, delay, delayed > project management, planning, risk
what next, what to build, which feature first, most important, matters most > prioritization, roadmap, product, backlog
wish, wishes, feature request, requests > requirement, feature, backlog, product
blueprint, design first, think first, before coding, think it through, think hard > architecture, planning, design, brainstorming
big decision, think deeply, deep thinking, hard problem > analysis, decision, reasoning
pros and cons, which is better, compare, better option > comparison, evaluation, trade off, decision
manual, handbook, instructions, how to use it, user manual, help pages, help text > documentation, guide, user guide, manual
newcomers, new people, new team member, new starter, first week, newbie, rookie > onboarding, guide, tutorial
release announcement, announce, tell the users, what changed since > release notes, changelog, announcement, communication
explain, explanation, how this works, what this means, in plain words, plain language > explain, documentation, tutorial
picture of the code, map of the code, map of the system > architecture, diagram, codebase
spelling, spell check, typo, typos, grammar mistakes, misspelled > proofread, grammar, editing, writing
french, german, spanish, chinese, japanese, arabic, italian, portuguese, russian, english, abroad, other countries, several languages > translation, localization, internationalization, locale, multilingual
country, countries > localization, region
// --- of data, models and science --------------------------------------------------------------------------------------------
spot patterns, patterns in, trends, find out from data, what do the numbers say, make sense of numbers > data analysis, analytics, insight, statistics
average, median, correlation, significant, percentage, sum > statistics, statistical analysis
pie chart, bar chart, line chart, scatter > visualization, chart, plot
table, sheet, sheets, cells, formulas, formula, google sheets > spreadsheet, excel, xlsx
move data, copy data, sync data, load data, collect data, gather data > data pipeline, etl, ingestion, data engineering
machine that learns, teach a computer, learn from data, learn from examples > machine learning, training, model
recognize, recognise, recognition, detect objects, spot objects, faces, face, camera > computer vision, image, detection, recognition
what people feel, mood, feeling, opinions, opinion, what people say, what do people say > sentiment analysis, review, feedback, nlp
understand text, read text, meaning of text, classify texts > nlp, natural language processing, text classification
made up answers, makes things up, make things up, invents, lies, wrong answers > hallucination, evaluation, guardrail, grounding
wording for ai, better prompts, talk to the model, ask the model, instruct > prompt, prompt engineering
reward, rewards, trial and error > reinforcement learning
guess, guessing, next month, next year, future, what will > forecasting, prediction, forecast
suggest, suggests, suggestion, may like, might like, also like, similar products > recommendation, recommender, personalization
gene, genes, dna, rna, genome, sequencing, cell, cells > genomics, bioinformatics, sequence, biology
protein, proteins, molecule, molecules, compound, compounds, drug, drugs, medicine, medicines > chemistry, drug discovery, molecular, cheminformatics, protein
chemical, chemicals, reaction > chemistry, molecular
sick, illness, disease, patients, nurse, surgery, symptoms > clinical, medical, healthcare, diagnosis
trial, trials, study, studies, experiment design > clinical trial, research, statistics, experiment
scientist, science, scientific, lab, laboratory, hypothesis > research, scientific, experiment, analysis
papers, journal, journals, publication, publications, thesis, academic, professor > literature, research, paper, citation, scholarly
proof, theorem, algebra, calculus > math, symbolic, statistics
star, stars, planet, planets, telescope, galaxy > astronomy
weather, climate, rain, storm > climate, geospatial, forecast
satellite, earth, land, terrain > geospatial, gis, remote sensing, map
directions, nearby, distance > map, location, geospatial, routing
quantum, qubit, qubits > quantum computing
crystal, alloy > materials science
brain, neuron, neurons > neuroscience, neural
old documents, scan, scanned, scanned pages, handwriting, read from a picture, text from image > ocr, document extraction, pdf
// --- of business ------------------------------------------------------------------------------------------------------------
leave us, leaving, leaving us, quit, cancel their subscription, stop paying, unsubscribe, keep customers, lose customers, losing customers > churn, retention, customer success
loyal, loyalty, happy customers, satisfied, satisfaction > retention, customer success, satisfaction
send back, sends back, sent back, send goods back, give back, bring back, money back > return, refund, reverse logistics
goods, parcel, parcels, package delivery, delivery, courier, warehouse, stock, inventory > logistics, shipping, inventory, supply chain, fulfillment
supplier, suppliers, vendor, vendors, purchasing > procurement, vendor, supply chain
who might buy, might buy, potential customers, potential buyers, find clients, find customers, new customers, new clients, win customers > lead, lead generation, prospect, sales, outreach
enemy, opponent, rivals, rival, competition, others in the market, other firms, other companies > competitor, competitive analysis, competitive
sell, selling, seller, deal, deals, close deals, win deals > sales, proposal, deal
offer, quote, quotation, bid, tender > proposal, rfp, sales
demo, show it to clients, presentation for a client > demo, presales, sales engineer
how much to ask, how much to charge, what to charge, price tag, set prices > pricing, pricing strategy
spread the word, get attention, known, famous, popular, awareness, buzz, viral > marketing, social media, promotion, brand, growth
followers, subscribers, likes, influencer, tiktok, youtube, post, posts > social media, content, engagement
headline, headlines, slogan, catchy > copywriting, headline, content
open rate, inbox, mails, mailbox, outlook, gmail > email
unread mails, too many mails, tidy my mail, clean my inbox, spam folder > inbox, email, triage
invite, invitation, conference, party, wedding, celebration > event, planning, design, invitation
flyer, flyers, poster, posters, banner, leaflet, brochure > poster, design, visual, graphic
lawyers, ownership, who owns, own what we wrote, copyright, patent, trademark, rights > intellectual property, legal, license
agreement, agreements, freelancer, contractor, sign a contract, non disclosure > contract, legal, nda, agreement
allowed, is it legal, may we, forbidden, illegal > legal, compliance, license
taxes, tax, tax return, receipt, receipts, expense, expenses > invoice, accounting, tax, bookkeeping, finance
books, keep the books, accounts > accounting, bookkeeping, finance
bank, banks, banking, loan, loans, mortgage, credit > finance, fintech, banking, risk
ruin, ruins, danger, dangers, dangerous, threat to the company, worst case, go wrong, what could go wrong, bad surprises, insurance > risk, risk management, risk assessment, mitigation
gold, crypto coin, bitcoin > crypto, trading
earn, earnings, make money, making money, monetize, income > revenue, monetization, pricing, business model
afford, how much will it cost, how much does it cost > cost, estimate, budget
electricity, energy > energy
employee, employees, personnel, people we employ > employee, hr
find staff, new staff, new colleague, new colleagues, find people, pick staff, pick people, choose candidates, candidates > hiring, recruiting, recruitment, hr, candidate
cv, resume, curriculum vitae, job application, apply for a job, job ad, job advert, job description, job posting, vacancy, career > resume, job, hiring, recruiting, career
fire people, layoff, dismissal, resign, resignation > hr, offboarding, employment
holiday, holidays, vacations, day off, sick leave, time off > leave, hr, policy
quarrel, quarrels, argue, arguing, fight, disagree, conflict between > conflict resolution, communication, team
morale, burnout, tired, motivation, motivated > team health, wellbeing, team
talk, speech, public speaking, lecture > presentation, communication, speaking
board meeting, town hall, all hands, management meeting > presentation, slide, report
minutes of the meeting, what was said, meeting notes, call recording, tape, dictation > transcript, transcription, meeting
news, press, journalist, journalists > news, press release, media, content
user wants, what users want, what people want, users understand, watch users, ask users, interviews with users > ux research, user research, usability testing
sign up rate, drop off, abandon, abandoned, give up halfway > conversion, ux, funnel
works for everyone, old people, elderly, poor eyesight, eyesight, eyes, sight, bad eyes, low vision, cannot see, can not see, cannot hear, wheel chair, impaired, impairment > accessibility, wcag, contrast, assistive technology, screen reader
small letters, letters too small, tiny text, hard to read > readability, contrast, typography, accessibility
moving pictures, moves smoothly, smooth, smoothly, jerky, bounce, fade > animation, motion, transition
good taste, polished, stylish, modern look, looks modern, prettier, nicer > visual design, ui design, styling
corporate look, company colors, company colours, house style > brand, brand guidelines, style guide
// --- of media and home ------------------------------------------------------------------------------------------------------
cut video, cut a video, cut clips, film cut, movie maker, footage, scene > video editing, video
subtitles, subtitle, captions, closed captions > caption, transcript, video
blurry, blurred, sharper, sharpen, pixelated, grainy, photo quality > image enhancement, resolution, image
photos, pictures, images, screenshot, screenshots, jpg, png > image, photo
gif, gifs, sticker, stickers, emoji > gif, animation
noise, noisy, background noise, hiss, echo, louder, volume > audio, noise reduction, audio mixing
sing, song writing, melody, compose, beat > music, audio
read aloud, spoken, speak, speaking, voice over, narrate, narration > speech, text to speech, voice, audio
written down from audio, type what was said, speech to text, listen and write, interview tape > transcription, transcript, speech to text, audio
draw a picture, paint, painting, artwork, art, creative > art, image generation, design, illustration
three dimensional, 3d, model in 3d > 3d, rendering, graphics
jump, enemies, boss fight, weapon, puzzle, toy > game, gameplay
frame rate, fps, stutter, stutters > game performance, performance, rendering
gadgets, gadget, devices, thermostat, light bulb, lights, smart home, doorbell > iot, device, home automation
robot arm, drone, drones, motor, motors > robotics, control
car, cars, vehicle, vehicles, driving > automotive, vehicle
plane, flight, flights, hotel, hotels, trip, journey, trips > travel, itinerary, booking
cook, cooking, eat, dinner, lunch, food, kitchen, hungry, dish > meal, recipe, nutrition, food
diet, lose weight, weight loss, calories > nutrition, diet, meal
exercise, gym, run faster, fitness, muscle, workout > training, fitness, workout
sleep, stress, anxious, sad > wellness, mental health, recovery
lucky, luck, dice, lottery, draw a winner, random person, winner > random, raffle, giveaway
gift, present, birthday > gift, event
kid, kids, child, children, pupil, pupils > education, learning, teaching
exam, quiz, homework, flashcards > education, learning, assessment
poem, story, novel, fiction, character > creative writing, story, writing
garden, plant, plants, farm, farmer, crop > agriculture
house for sale, apartment, rent, landlord > real estate, property
charity, donate, donation > nonprofit, fundraising
// --- the same from the trade's side: how those say it who are not of it ------------------------------------------------------
chief, head of, director, ceo, superior, boss, bosses, superiors, upper floor > executive, leadership, stakeholder, report, project management
program, programs, software, tool for my computer > application, software
computer, computers, pc > machine, system, development environment
somebody elses computers, rented servers, rent servers, rented, data centre, someone elses servers > cloud, infrastructure
in house, own building, our basement, own hardware, own servers, own machines, at home > on premises, hybrid cloud, infrastructure
thief, thieves, crook, crooks, criminal, criminals, burglars, villain, villains, baddies > security, threat, fraud, attack
sneak, sneak in, trespass, slip in, unauthorized > security, access control, vulnerability, authentication
harm, hurt, damage, sabotage > threat, risk, security
cheat, cheating, cheater, scam, scams, fake orders > fraud, fraud detection, security
wire, bytes, on the wire, raw bytes > protocol, network, binary
ear, ears, by ear, listen, hearing > audio, screen reader, speech
hand, hands, mouse, without a mouse > keyboard, accessibility
helper, helpers, sidekick > assistant, agent
backers, shareholders, money people, sponsor, sponsors > investor, fundraising, stakeholder
pick up where, where we were, where were we, go on where > resume, restore, context, session
why is it red, turned red > failing test, error, build failure, debugging
hits, search hits, result list, above the results > search results, seo, snippet, search
other programs, let programs talk, programs talk, callers, caller > api, integration, client
structure, layers, skeleton, foundation, building blocks > architecture, structure, design pattern
spare copy, safe copy, copy of everything, lose everything, get it back, bring back > backup, restore, recovery, disaster recovery
how fast, stopwatch, race, measure, measured > benchmark, performance, metrics
digital money, middleman, digital coins, collectible, collectibles > blockchain, crypto, nft, smart contract
around the world, worldwide, close to users, near the users, far away > cdn, edge, multi region, latency
every push, on every push, every commit, each commit, after each commit, each time i push > ci, continuous integration, pipeline
fight over, same variable, step on each other, same moment, tasks fight > concurrency, race condition, synchronization
works on my machine, same everywhere, runs everywhere, box with everything > container, docker, reproducible, development environment
wasteful, waste, overspend, overspending, thrifty, spend, spending, pay less, spend less > cost, cost optimization, budget, reduce
address book, contacts, client list > crm, customer
garbage, wrong values, missing values, blanks, gaps in the data, nonsense in the data > data quality, validation, cleaning
where the data lives, keep records, store records, storing, store data > database, storage, schema, data model
windows program, mac program, installer, menu bar, tray > desktop app, electron
same look, looks the same, consistent look > design system, component library, brand, style guide
business rules, rules of the business > domain driven design, business logic, domain model
like a real user, as a user would, click around, clicking, clicks > e2e, browser automation, playwright, end to end testing
tiny computer, small computer, hobby board, circuit, circuits, electronic, blink, blinks, solder > embedded, microcontroller, raspberry pi, firmware, hardware
washing machine, appliance, appliances, meter, meters > embedded, iot, firmware
scramble, secret message, unreadable to others, sealed > encryption, cryptography, tls
fail gracefully, gracefully, things go wrong, recover, recovers > error handling, resilience, recovery, fallback
grade the answers, score the model, how good are the answers, how good is the model > evaluation, llm evaluation, benchmark, metrics
which version wins, two versions, variant, variants, which works better > ab test, experiment, comparison
another format, save as, turn into pdf, from one format > conversion, file conversion, export
adapt the model, customize the model, our own data, own examples > fine tuning, training, dataset, rag
what users see, visible part, what people see, front of the site > frontend, ui
behind the scenes, invisible part, engine room, plumbing > backend, server, infrastructure
from database to screen, top to bottom, the whole feature > full stack, feature development, end to end
relationships, relations, who knows whom, connections between > graph, knowledge graph, data model
alarm, alarms, siren, warn, warns, warning, notice, noticing, tell me when, first to know, know when > alert, alerting, monitoring, notification
site is dead, everything is down, nothing works, all broken > outage, incident, incident response
as text, rebuild anywhere, recreate, recreate anywhere, server definitions, same servers again > infrastructure as code, terraform, provisioning
fleet, herd, many containers, many machines > kubernetes, cluster, orchestration
how are we doing, are we doing well, success, goal, goals, on track > kpi, metrics, okr, dashboard, slo
inherited, nobody maintains, twenty years old, nineties, abandoned, vintage, prehistoric, rusty, rotten > legacy, modernize, migration, technical debt
tabs, indentation, indent, neat, code looks the same, consistent code > formatter, linter, code style
will it hold, hold up, withstand many, how many users > load testing, scalability, performance, capacity
trail, who did what, paper trail, history of changes > audit, audit trail, logging, history
let claude, connect claude, claude use, give the model tools, tools for the model > mcp, model context protocol, tool
eats memory, memory grows, grows and grows, ram, eats ram > memory leak, profiling, memory
split up, break apart, chop, carve out, smaller services, take apart, cut into pieces > microservice, decomposition, refactoring, monolith
carry over, bring over, moving house, take with us > migration, migrate
stand in, dummy, fake, fakes > mock, stub, test double, fixture
insult, insults, rude, hate, offensive, nasty > content moderation, moderation, safety
eyes on, see inside, look inside, what is going on inside > observability, monitoring, tracing
delegate, hand out work, share the work, divide the work, distribute the work > delegation, task distribution, multi agent, workload
several helpers, many helpers, group of helpers > multi agent, parallel, agent orchestration
jot, jot down, memo, scribble > notes, note, documentation
give away, publish the source, free software > open source, license
long list, long lists, endless list, thousands of rows > pagination, virtualization, performance
pay, pays, paid, paying, payer > payment, checkout, billing
episode, episodes, radio > podcast, audio
learn from it, learn from mistakes, never happens again, never again, happen again, went wrong > postmortem, retrospective, root cause
deadline, deadlines, in time, schedule slips > project management, planning, milestone, timeline
without internet, no internet, no connection, offline use, on the train > offline first, offline, sync, pwa
later, do it later, wait in line, one at a time, line up > queue, background job, scheduling
hammer, hammering, flood, flooding, too often, greedy > rate limiting, throttling
instantly, immediately, as it happens, without reloading, without refreshing, live chat, live updates > real time, websocket, streaming
find and replace, match text, pattern in text > regex, text, search
what exactly should it do, what should it do, what they want, what is wanted > requirement, specification, user story
dig, dig up, look up, gather everything, everything known, facts, fact, find information > research, search, analysis, source
give up, dependency is down, other service is down, hiccup, hiccups > resilience, retry, circuit breaker, fallback
from nothing, blank, empty project, fresh start, fresh > scaffold, project setup, template, boilerplate
how to store, fields, attributes > schema, data model, database design
grab, pull from websites, copy from a website, collect from websites, from web pages > scraping, web scraping, extraction
search box, find things, finding things, searching, look for things > search, full text search, retrieval
without servers, no servers, pay per use > serverless, lambda, cloud
promises to customers, uptime, how reliable, dependable > slo, sla, reliability, service level
as it arrives, continuous, nonstop, never ending > streaming, real time, event driven
split the work, smaller tasks, bite sized, break it down, break down, divide > task decomposition, planning, task breakdown
shortcut, shortcuts, cut corners, corners, quick and dirty > technical debt, refactoring, code quality
prose, hard to follow, sentences, sentence, paragraph, essay > writing, technical writing, documentation, readability
no tests, untested, never tested, not tested, lines tested > test coverage, unit testing, coverage
where does the time go, where is the time lost, which step is slow, hop, hops > tracing, distributed tracing, profiling
call us back, tell us when, ping us, ping > webhook, callback, notification
napkin, rough drawing, rough sketch, outline, first draft > wireframe, prototype, mockup, draft
blog, blogging, blogger > content, wordpress, writing
nobody can get in, keep out, keep people out, keep strangers out, shut out > security, access control, authentication, firewall
hide, hidden, conceal, masked > encryption, privacy, masking
chores, chore, errands > task, todo, automation
booked hours, hours booked, time sheet, timesheet, time spent > time tracking, work log, report
blocks which, blocked, blocking, depends on, waiting for each other > dependency, critical path, blocker
proof, prove, proven, evidence, really done, really finished, honest > verification, validation, evidence
exhausted, exhaustion, tired out, worn out > recovery, rest, wellness
athlete, athletes, sport, sports, football, marathon > training, fitness, performance
come across, how i come across, body language, how i speak > communication, feedback, meeting
funny, joke, jokes, meme, memes > humor, content, gif
spin, spins, wiggle, flying in, slide in > animation, motion
middle man, broker, agent commission > intermediary, brokerage
story, stories, tale > storytelling, content, narrative, user story
reach people, reach customers, reach shoppers > marketing, campaign, outreach, audience
shoppers, shopper, buyers, buyer, visitors > customer, user, ecommerce
grandma, grandpa, grandmother, grandfather, seniors, pensioners > accessibility, user
mail merge > document, writing, email
words on the button, text on buttons > ux writing, copywriting, microcopy
count, counting, tally, add up, sums, sum up, crunch, crunches > analysis, statistics, analytics, reporting
think hard, really hard, think again > reasoning, analysis, thinking
question the plan, poke holes, devils advocate, challenge > critique, review, risk
teach, explain to a child, eli5, for dummies > tutorial, explain, beginner
speed of the site, site is slow, website is slow, slow site, slow website > web performance, performance, web vitals
slow database, database is slow, queries take > query optimization, database performance, index
slow build, builds take, build takes, compile takes > build optimization, build performance, caching
slow test, tests take, slow tests > test performance, parallel, ci
// --- and in whole turns of speech --------------------------------------------------------------------------------------------
go down, goes down, going down, never down, must not fail, always on, always available, always there, stay up, stays up > reliability, high availability, uptime, slo, resilience
pay too much, too expensive, costs too much, too costly, costly, pricey, eats money, burns money > cost, cost optimization, reduce, budget
look at my changes, look at my work, see my changes, read my changes, before i merge, before merging > code review, review, pull request
samples, sample, labelled, labeled, annotated, examples to learn from > dataset, training data, annotation, curation
people like better, like better, prefer, prefers, preferred, taste > preference, alignment, recommendation, personalization
any good, good enough, how good, how well does > evaluation, quality, benchmark, assess
everybody doing, everyone doing, who is doing, who does what, doing right now > status, team, progress, assignment
hitch, without a hitch, without trouble, painlessly, painless, without breaking > safe, zero downtime, rollback, deployment, validation
enough demand, demand, appetite, will people buy, would people buy, worth building > market opportunity, market research, market sizing, validation
no clue, clueless, puzzled, puzzling, baffled, cannot explain, can not explain, makes no sense > debugging, root cause, investigate
clerk, clerks, paperwork, office work, back office > business process, process, automation
lose time, losing time, waste time, wasting time, inefficient, clumsy > efficiency, process improvement, optimization, productivity
grasp, grasps, comprehend, what we type, what people type > understand, nlp, natural language processing
outsider, outsiders, strangers, call our service, how to call us, use our service > api, api documentation, integration, client
out of date, outdated docs, stale, no longer true, not true any more > outdated, update, stale, maintenance
young company, small company, new company, garage, founder, founders, entrepreneur > startup, business
growing, grows, growth of > growth, metrics, scaling
prove to each other, prove who they are, both sides > mutual tls, certificate, authentication
untangle, disentangle, knot, knots, unpick > refactoring, restructure, decoupling
drain, drains, battery, drains the battery, gets hot, overheats > performance, power, thermal, mobile
see the forest, whole picture, birds eye > architecture, overview
what it should do, do what it should, really do, do what was ordered, what was ordered > acceptance, verification, testing, quality assurance
click on everything, try everything, try it all, monkey > exploratory, testing, quality assurance
push the button, one click, with one command, single command > automation, deployment, script
nobody reads, boring text, dull, dry text > writing, content, copywriting
sounds fake, sounds like a robot, sound human, robotic text, written by a machine > ai writing, humanize, tone, editing
win over, talk into, persuade people > sales, marketing, copywriting
more clients, more customers, more visitors, more sales, more buyers, bring in > marketing, lead generation, growth, sales, content
thank, thank you, apologize, apology, sorry > communication, customer support, email
scream, screaming, furious, shouting, yelling > customer support, incident, complaint
angry mail, angry letter, complain, complains > customer support, complaint, communication
nobody answers the phone, waiting for answers, slow replies, reply, replies > customer support, response, email
figures from all, into one place, in one place, pull together, bring together, combine, merge tables > data integration, data pipeline, etl, aggregation, consolidation
every night, nightly job, nightly, copies every > data pipeline, scheduled job, automation, cron, backup
dig through logs, read the logs, read logs, look through logs > log analysis, error, debugging, logging
story of the data, tell with data, convince with data > data storytelling, visualization
which customers, kinds of customers, groups of customers, who buys > segmentation, customer, analytics, market research
will leave, about to leave, going to leave > churn, retention, prediction
guess the price, house prices, next quarter, how much will we sell > forecasting, regression, machine learning
odd one out, unusual, not normal, out of the ordinary, sticks out > anomaly detection, outlier, monitoring
fits in memory, too big for memory, does not fit > memory, optimization, streaming, quantization
smaller and faster model, cheaper model, make the model smaller > quantization, distillation, optimization
speaks our language, our jargon, our style of writing > fine tuning, prompt, style
learn by doing, from scratch guide, hands on > tutorial, walkthrough, course
check the facts, is it true, true or not, facts right > fact checking, verification, research
who said, quote from, give sources, footnote, footnotes > citation, reference, research
bring to life, feel alive, lively > animation, interaction design, motion
first impression, front page, start page, welcome page > landing page, homepage, onboarding
click here, call to action > conversion, copywriting, landing page
fill in, fill out, filling in > form, input, validation
many screens, big screens, small screens, tablet and desktop, every screen size, all screen sizes > responsive, responsive design, layout
one codebase, one code base, both phones, iphone and android, android and iphone > cross platform, react native, flutter, mobile
left handed, thumb, finger, fingers, tap, taps > touch, mobile, interaction design
night mode, black background, at night eyes > dark mode, theme
buttons everywhere, cluttered, crowded, too much on the screen > ui design, simplification, ux, layout
get lost, lost in the menu, cannot find the button, where to click > navigation, usability, ux, information architecture
colour blindness, see colours, red and green > color contrast, accessibility
read the page out, reads aloud, reads the page > screen reader, accessibility, text to speech
open door, back door, backdoor, unlocked > vulnerability, security, access control
keep secrets, hide passwords, store passwords, where to put passwords > secrets management, password hashing, vault
who let them in, who was it, traces of the intruder > forensics, incident response, audit
is it safe, safe enough, how safe, can it be hacked, can we be hacked > security audit, security, penetration test, vulnerability
think like a hacker, play the attacker, try to break in > penetration test, threat modeling, red team
rules for ai, keep the agent in check, stop the agent, agent must not, what agents may do > policy, guardrail, governance, permission
signed, signature, signatures, tamper, tampered, tampering, forged, fake receipt > signature, verification, integrity, audit trail
half of the machines, one machine dies, machine dies, server dies > failover, high availability, resilience
spread the load, share the load, too many calls > load balancer, scaling, rate limiting
only some calls, send some traffic, some of the traffic > traffic management, canary, routing
talk safely, talk securely, encrypted between > mtls, tls, encryption
run it anywhere, any cloud, not tied to, leave amazon > multi cloud, portability, container
machines by the hour, pay by the hour > cloud, spot, cost
build machine, build server, runner, runners > ci, pipeline, build
green again, make it green, turn green > fix, failing test, ci
forgot to, forget to, always forget > checklist, automation, hook, verification
stop people from, prevent people, forbid, block bad > policy, hook, validation
before each commit, before every commit, skip the checks > pre commit, hook, git
tell apart, several people edit, edit the same file > merge, conflict, collaboration, git
go back in time, time travel, earlier state, how it was > history, git, event sourcing, restore
what happened when, timeline of events, in which order things happened > event sourcing, timeline, audit trail
reading is slow, many readers few writers, read side > cqrs, read model, caching
steps that may fail, several steps, many steps, all or nothing, half way through > saga, workflow orchestration, transaction, compensation
run for days, takes days, weeks long, survives a restart, survive a restart > durable workflow, temporal, background job
too many helpers, helpers argue, who decides, helpers work together > multi agent, orchestration, coordination
lost the thread, forgets what we said, forgets everything, remembers nothing > context, memory, context management
talks too much, too many words for the model, context too long > token, context management, summarization
pretend client, as if it were > simulation, mock, persona
plug in for the browser, button in the browser > browser extension
knows where i am, where is my > location, map, geolocation
save paper, sign online > electronic signature, document
numbers in a grid, rows and columns > spreadsheet, table, csv
talk to the database, ask the database, question the database > sql, query, database
twice the same, same row twice, same person twice, duplicates > deduplication, data quality, cleanup
shape of the data, which fields, describe the data > schema, data model, validation
save space, takes too much space, shrink files, smaller files > compression, storage, cleanup
turn photos, photos into, picture format, file into, files into > conversion, file conversion, image
make a film, make a video, short film > video, video generation, editing
make a picture, generate a picture, picture of > image generation, prompt
sounds bad, hard to hear, crackle > audio, noise reduction
pub quiz, party game > game
`;
