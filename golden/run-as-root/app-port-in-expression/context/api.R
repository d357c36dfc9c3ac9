#* @get /
function() "hello"
