-- Pauses between two requests of a connection, in milliseconds: load, not overload.
function delay()
  return 2
end
