-- wrk asks for the paths in a file in turn: wrk -s in_turn.lua URL -- FILE
local requests = {}
local at = 0

function init(arguments)
    for path in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("GET", path)
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end
