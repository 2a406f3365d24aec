// Asio's own code, compiled once instead of in every file that includes a header of it.
#include <boost/asio/impl/src.hpp>
