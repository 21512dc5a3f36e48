%% The workloads of bench/framework on the BEAM with OTP's own gen_server and supervisor; see run.mjs beside it.
-module(bench).
-behaviour(gen_server).
-export([main/1, init/1, handle_call/3, handle_cast/2, handle_info/2, start_counter/0, start_counter/1]).
-export([sup_init/1]).

main([Key, Rounds]) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    All = [workload(Key) || _ <- lists:seq(1, list_to_integer(Rounds))],
    Columns = [median([lists:nth(I, Row) || Row <- All]) || I <- lists:seq(1, length(hd(All)))],
    io:format("~s~n", [lists:join(" ", [float_to_list(float(C), [{decimals, 4}]) || C <- Columns])]),
    halt().

workload("a") ->
    {ok, Pid} = gen_server:start(?MODULE, 0, []),
    Us = timed(fun() -> casts(Pid, 1000000), 1000000 = gen_server:call(Pid, get, infinity) end),
    gen_server:stop(Pid),
    [1000000 / Us];
workload("a'") ->
    {ok, Pid} = gen_server:start(?MODULE, 0, []),
    Us = timed(fun() -> [begin casts(Pid, 1000), gen_server:call(Pid, get, infinity) end || _ <- lists:seq(1, 1000)] end),
    1000000 = gen_server:call(Pid, get),
    gen_server:stop(Pid),
    [1000000 / Us];
workload("b") ->
    {ok, Pid} = gen_server:start(?MODULE, 0, []),
    Us = timed(fun() -> calls(Pid, 300000) end),
    300000 = gen_server:call(Pid, get),
    gen_server:stop(Pid),
    [300000 / Us];
workload("c") ->
    {ok, Pid} = gen_server:start(?MODULE, 0, []),
    Us = timed(fun() -> [many(Pid, 1000) || _ <- lists:seq(1, 300)] end),
    300000 = gen_server:call(Pid, get),
    gen_server:stop(Pid),
    [300000 / Us];
workload("d") ->
    Self = self(),
    Nodes = [element(2, gen_server:start(?MODULE, {node, Self}, [])) || _ <- lists:seq(1, 1000)],
    [ok = gen_server:call(A, {lead, B}) || {A, B} <- lists:zip(Nodes, tl(Nodes) ++ [hd(Nodes)])],
    Us = timed(fun() -> gen_server:cast(hd(Nodes), {token, 500000}), receive done -> ok end end),
    [gen_server:stop(N) || N <- Nodes],
    [500000 / Us];
workload("e") ->
    {ok, Sup} = supervisor:start_link(?MODULE, dynamic),
    garbage_collect(), Before = erlang:memory(total),
    Us = timed(fun() -> [{ok, _} = supervisor:start_child(Sup, []) || _ <- lists:seq(1, 100000)] end),
    Bytes = (erlang:memory(total) - Before) / 100000,
    stop_sup(Sup),
    [Us / 1000, Bytes];
workload("f") ->
    {ok, Sup} = supervisor:start_link(?MODULE, {named, [bench_f]}),
    Us = [timed_us(fun() -> crash_and_ask(bench_f) end) || _ <- lists:seq(1, 2000)],
    stop_sup(Sup),
    [quantile(Us, 0.5), quantile(Us, 0.99)];
workload("g") ->
    Names = [list_to_atom("bench_g_" ++ integer_to_list(I)) || I <- lists:seq(0, 9999)],
    Table = list_to_tuple(Names),
    Start = erlang:monotonic_time(),
    {ok, Sup} = supervisor:start_link(?MODULE, {named, Names}),
    Ms = (erlang:monotonic_time() - Start) / 1000000,
    Us = [timed_us(fun() -> crash_and_ask(element(((I * 7919) rem 10000) + 1, Table)) end)
          || I <- lists:seq(0, 499)],
    stop_sup(Sup),
    [Ms, quantile(Us, 0.5), quantile(Us, 0.99)].

casts(_, 0) -> ok;
casts(Pid, N) -> gen_server:cast(Pid, {add, 1}), casts(Pid, N - 1).

calls(_, 0) -> ok;
calls(Pid, N) -> gen_server:call(Pid, {add, 1}), calls(Pid, N - 1).

many(Pid, N) ->
    Requests = [gen_server:send_request(Pid, {add, 1}) || _ <- lists:seq(1, N)],
    [{reply, _} = gen_server:wait_response(R, infinity) || R <- Requests].

crash_and_ask(Name) ->
    catch gen_server:call(Name, crash),
    1 = ask(Name).

%% A name is free between two incarnations: asked again until somebody answers.
ask(Name) ->
    try gen_server:call(Name, {add, 1}) catch exit:{noproc, _} -> erlang:yield(), ask(Name) end.

stop_sup(Sup) ->
    unlink(Sup),
    Ref = monitor(process, Sup),
    exit(Sup, shutdown),
    receive {'DOWN', Ref, _, _, _} -> ok end.

timed(Fun) -> element(1, timer:tc(Fun)).

%% Microseconds with a fraction.
timed_us(Fun) ->
    From = erlang:monotonic_time(nanosecond),
    Fun(),
    (erlang:monotonic_time(nanosecond) - From) / 1000.

quantile(Values, Q) -> lists:nth(min(length(Values), trunc(Q * length(Values)) + 1), lists:sort(Values)).
median(Values) -> quantile(Values, 0.5).

start_counter() -> gen_server:start_link(?MODULE, 0, []).
start_counter(Name) -> gen_server:start_link({local, Name}, ?MODULE, 0, []).

sup_init(dynamic) ->
    Child = #{id => counter, start => {?MODULE, start_counter, []}},
    {ok, {#{strategy => simple_one_for_one, intensity => 1000000, period => 60}, [Child]}};
sup_init({named, Names}) ->
    Children = [#{id => N, start => {?MODULE, start_counter, [N]}} || N <- Names],
    {ok, {#{strategy => one_for_one, intensity => 1000000, period => 60}, Children}}.

%% One module is both behaviours: a supervisor's init is told from a counter's by its argument.
init(dynamic) -> sup_init(dynamic);
init({named, Names}) -> sup_init({named, Names});
init({node, Parent}) -> {ok, {node, Parent, undefined}};
init(Count) -> {ok, Count}.

handle_call({add, By}, _From, Count) -> {reply, Count + By, Count + By};
handle_call(get, _From, Count) -> {reply, Count, Count};
handle_call({lead, To}, _From, {node, Parent, _}) -> {reply, ok, {node, Parent, To}};
handle_call(crash, _From, _Count) -> error(crash).

handle_cast({add, By}, Count) -> {noreply, Count + By};
handle_cast({token, 1}, {node, Parent, _} = State) -> Parent ! done, {noreply, State};
handle_cast({token, Left}, {node, _, To} = State) -> gen_server:cast(To, {token, Left - 1}), {noreply, State}.

handle_info(_, State) -> {noreply, State}.
